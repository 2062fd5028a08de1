"""What goes on right now: a few stories, told by the verbs that people use, so that every desk has something to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from cases.actions.files import keep_file
from cases.actions.filing import Filing, Reporter, file_case
from cases.actions.performing import perform
from cases.models import Case
from cases.models.case import Outcome
from cases.registry import Kind, kinds
from identity.models import User
from organisation.models import Unit
from servicerequests.demo import pictures, words
from servicerequests.demo.people import GIVEN, SURNAMES, busiest_unit, crews_for
from servicerequests.demo.places import Places

DONE = "已以熱料填補並壓實，恢復通行。"
# Each step is a verb and how many minutes ago it was done.


@dataclass(frozen=True)
class Story:
    """One report: how many minutes ago it came in, and what was done since, at which minutes before now."""

    ago: int
    steps: tuple[tuple[str, int], ...] = ()
    photo: bool = False
    contact: bool = True
    beside_the_last: bool = False
    text: str = ""  # what it says, where that matters


# The unit of the demo's officer and crew: late, near, on the way, waiting, done.
HOME = (
    Story(312, (("dispatch", 300), ("accept", 281), ("arrive", 96))),
    Story(252, (("dispatch", 236),), photo=True),
    Story(248),
    Story(208, (("dispatch", 200), ("accept", 182)), photo=True),
    Story(194, (("take", 170),), contact=False),
    Story(186, (("dispatch", 177), ("accept", 160), ("arrive", 38)), photo=True),
    Story(171, (("dispatch", 150), ("accept", 131), ("arrive", 84), ("finish", 22)), photo=True),
    Story(149, (("take", 120), ("ask", 101))),
    Story(122, (("dispatch", 116),), photo=True),
    Story(120, beside_the_last=True),
    Story(117, contact=False, beside_the_last=True),
    Story(96, (("dispatch", 88), ("accept", 70))),
    Story(74, (("dispatch", 64),), contact=False),
    Story(58, (("take", 33),)),
    Story(41, photo=True),
    Story(27, contact=False),
    Story(12, photo=True),
    Story(4),
)
# Other desks, by kind.
ELSEWHERE = {
    "traffic_signal": (
        Story(247, (("dispatch", 239), ("accept", 220))),
        Story(203),
        Story(66, (("dispatch", 58),)),
        Story(9),
    ),
    "fallen_tree": (Story(221, (("dispatch", 212), ("accept", 190), ("arrive", 101))), Story(38)),
    "street_light": (Story(2900, (("take", 2600), ("ask", 1500))), Story(1600, (("dispatch", 1400),)), Story(300)),
    "noise": (Story(5800, (("take", 4400),)), Story(1500, (("take", 1300), ("ask", 1200))), Story(120)),
    "illegal_parking": (Story(35), Story(18, (("take", 12),))),
    "waste": (Story(4300, (("take", 4100),)), Story(260)),
    "petition": (Story(8600, (("take", 8000),)), Story(700), Story(95, text=words.MISSENT)),
}


class Today:
    """Tells the stories."""

    def __init__(self, rng: Random, officers: dict[int, list[int]], at: datetime) -> None:
        self.rng, self.at = rng, at
        self.places = Places(rng)
        self.people = {user.pk: user for user in User.objects.filter(is_active=True)}
        self.officers = officers
        self.home = busiest_unit()
        self.last: Case | None = None

    def tell(self) -> int:
        """File and move on all stories, oldest first, as the numbers are; returns how many."""
        home = next(kind for kind in kinds().values() if kind.default_unit == self.home.code)
        stories = [(home, story) for story in HOME]
        stories += [(kind, story) for code, told in ELSEWHERE.items() if (kind := kinds().get(code)) for story in told]
        for kind, story in sorted(stories, key=lambda each: (-each[1].ago, each[1].beside_the_last)):
            self._one(kind, story)
        return len(stories)

    def _when(self, ago: int) -> datetime:
        return self.at - timedelta(minutes=ago)

    def _one(self, kind: Kind, story: Story) -> None:
        rng = self.rng
        spot = self.places.draw(rng)
        lon, lat, address = spot.lon, spot.lat, words.address(self.places.names[spot.district], rng)
        if story.beside_the_last and self.last is not None:
            lon, lat, address = self.last.lon + 0.0002, self.last.lat + 0.0001, self.last.address
        photos = [keep_file(pictures.pothole(rng, mended=False)).token] if story.photo else []
        answers = {f.name: rng.choice(f.choices).value for f in kind.fields if f.type == "choice"}
        answers |= {f.name: "示範" for f in kind.fields if f.required and f.type == "text"}
        filed = file_case(
            Filing(
                kind_code=kind.code, description=story.text or words.report(kind.code, rng), fields=answers,
                lon=lon, lat=lat,
                address=address, channel=rng.choice(("phone", "web", "app")), photos=photos,
                reporter=self._reporter() if story.contact or not kind.anonymous else Reporter(),
                received_at=self._when(story.ago),
            )
        )  # fmt: skip
        case = Case.objects.for_list().get(pk=filed.pk)
        self.last = case
        for verb, ago in story.steps:
            self._step(case, verb, self._when(ago))

    def _reporter(self) -> Reporter:
        number = self.rng.randrange(1000, 9999)
        name = self.rng.choice(SURNAMES) + self.rng.choice(GIVEN)
        return Reporter(name=name, email=f"citizen{number}@mail.example", phone=f"09000{number:05d}")

    def _step(self, case: Case, verb: str, at: datetime) -> None:
        inputs: dict = {}
        actor = self._officer(case.unit)
        crew = crews_for(case.unit)[0]
        if verb == "dispatch":
            inputs["crew"] = crew
        elif verb in {"accept", "arrive", "finish"}:
            actor = self._member(crew)
        if verb == "finish":
            keep_file(pictures.pothole(self.rng, mended=True), phase="after", user=actor, case=case)
            inputs |= {"text": DONE, "outcome": Outcome.FIXED}
        if verb == "ask":
            inputs["text"] = "請補充確切位置或附近明顯的路標，以便派員處理。"
        perform(actor, case.pk, verb, at=at, **inputs)

    def _officer(self, unit: Unit) -> User:
        return self.people[self.officers[unit.pk][0]]

    def _member(self, crew: Unit) -> User:
        return self.people[crew.memberships.order_by("pk").values_list("user_id", flat=True)[0]]
