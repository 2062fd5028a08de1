"""What the demo's systems are called and for: made up, in both languages."""

from __future__ import annotations

# Name, English name, purpose, what it learns of a person, the least level.
SYSTEMS: tuple[tuple[str, str, str, tuple[str, ...], int], ...] = (
    ("線上申辦平臺", "Online applications", "市民申請案件時確認身分並帶入姓名與聯絡方式。", ("profile", "email"), 1),
    ("場地預約系統", "Venue booking", "借用場地的人登入後預約與取消。", ("profile", "email"), 1),
    ("公文線上簽核", "Document approval", "同仁登入後簽核公文，依職稱決定流程。", ("profile", "agency", "post"), 2),
    ("志工管理系統", "Volunteers", "志工登入後查詢時數與排班。", ("profile", "email"), 1),
    ("補助申請系統", "Grants", "申請補助的人與承辦同仁登入辦理。", ("profile", "email", "agency"), 2),
    ("稽查行動平臺", "Inspections", "稽查人員在現場登入並上傳紀錄。", ("profile", "agency", "post"), 2),
    ("活動報名網", "Event sign-up", "報名活動的人登入後查詢錄取與取消。", ("profile", "email"), 1),
    ("統計填報系統", "Statistics", "各單位同仁登入填報統計數字。", ("profile", "agency"), 1),
    ("個案服務系統", "Casework", "社工與承辦同仁登入處理個案。", ("profile", "agency", "post"), 3),
    ("設備報修系統", "Repairs", "同仁登入後報修並查詢進度。", ("profile", "agency"), 1),
    ("學習護照", "Learning record", "學員登入後查詢課程與時數。", ("profile",), 1),
    ("地籍資料查詢", "Land records", "經授權的同仁登入查詢，每次查詢都留下紀錄。", ("profile", "agency", "post"), 3),
)
