from django.urls import path

from organisation.pages import agencies, calendar, closures, deputies, geo, matrix, nominations, personnel, posts, roles

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
    path("people/<int:pk>/permissions/", matrix.person_permissions, name="person-permissions"),
    path("permissions/", matrix.permissions, name="permissions"),
    path("permissions.csv", matrix.permissions_csv, name="permissions-csv"),
    path("permissions/holders/", matrix.holders, name="permission-holders"),
    path("posts/", posts.posts, name="posts"),
    path("posts/<int:pk>/", posts.post, name="post"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/new/", deputies.deputy_new, name="deputy-new"),
    path("deputies/<int:pk>/end/", deputies.deputy_end, name="deputy-end"),
    path("nominations/", nominations.nominations, name="nominations"),
    path("nominations/<str:kind>/<int:pk>/", nominations.nomination, name="nomination"),
]
