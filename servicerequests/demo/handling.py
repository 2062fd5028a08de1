"""What waits on the demo's desks for a signature, a reply or a ruling; told by the verbs that people use."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.actions.approving import draft, hand_in
from cases.actions.filing import Filing, Reporter, file_case
from cases.actions.performing import perform
from cases.models import AnswerTemplate, Case
from cases.registry import kinds
from foundation.clock import today
from identity.models import User
from organisation import directory
from organisation.models import Unit

KIND = "petition"
BUS = "公車站牌前的人行道高低不平，輪椅上不去，請改善。"
ANSWER = "您反映的人行道已會勘，預定下個月完成整平，施工期間請改走對側人行道。"
TEMPLATE = "有關您在{受理日期}反映的事（{案號}），說明如下：\n\n\n如有疑問，請洽{機關}{單位}。"


def tell(officers: dict[int, list[int]], home: Unit, at: datetime) -> None:
    """A petition whose answer awaits the head, an extension too, a question to the demo's unit, a case to be ruled."""
    if KIND not in kinds():
        return
    people = {user.pk: user for user in User.objects.filter(is_active=True)}
    officer = people[officers[home.pk][0]]
    desk = directory.unit(kinds()[KIND].default_unit)
    service = people[officers[desk.pk][0]]

    def petition(subject: str, ago: int) -> Case:
        fields = {f.name: f.choices[0].value for f in kinds()[KIND].fields if f.required and f.type == "choice"}
        return file_case(
            Filing(
                KIND, fields={"subject": subject} | fields, description=BUS,
                reporter=Reporter("林市民", "citizen1@mail.example"), received_at=at - timedelta(minutes=ago),
            )
        )  # fmt: skip

    def passed_on(subject: str, ago: int) -> Case:
        case = petition(subject, ago)
        perform(
            service, case.pk, "transfer", unit=home, text="屬貴單位權責，請查復。", at=at - timedelta(minutes=ago - 30)
        )
        return case

    answered = passed_on("人行道不平", 4200)
    draft(officer, answered.pk, {"text": ANSWER, "outcome": "answered"})
    draft(officer, answered.pk, {"text": ANSWER.replace("下個月", "4 月底前"), "outcome": "answered"}, seen=1)
    hand_in(officer, answered.pk)
    late = passed_on("路口號誌太短", 9000)
    perform(officer, late.pk, "ask_extension", amount=7, text="須會同警察局現勘。")
    asked = petition("人行道與站牌", 1500)
    perform(service, asked.pk, "consult", unit=home, text="請說明該路段整平的期程。", due=today() + timedelta(days=5))
    disputed = petition("不知道找誰", 3000)
    perform(service, disputed.pk, "refuse", text="不屬本單位業務，也查不到主管機關。")
    editor = User.objects.filter(memberships__role="editor").first()
    AnswerTemplate.objects.get_or_create(
        kind_code=KIND, title="一般說明",
        defaults={"outcome": "answered", "body": TEMPLATE, "changed_by": editor or officer, "changed_at": at},
    )  # fmt: skip
