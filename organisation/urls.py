from django.urls import path

from organisation.pages import agencies, calendar, closures, geo, personnel, roles

urlpatterns = [
    path("geo/districts.json", geo.districts, name="geo-districts"),
    path("geo/villages/<str:district>.json", geo.villages, name="geo-villages"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/<int:year>/", calendar.calendar, name="calendar-year"),
    path("calendar/closures/new/", closures.closure_new, name="closure-new"),
    path("calendar/closures/<int:pk>/revocation/", closures.closure_revocation, name="closure-revocation"),
    path("agencies/", agencies.agencies, name="agencies"),
    path("personnel/", personnel.changes, name="personnel-changes"),
    path("people/<int:pk>/roles/", roles.person_roles, name="person-roles"),
    path("people/<int:pk>/roles/<int:membership>/dismissal/", roles.person_dismissal, name="person-dismissal"),
]
