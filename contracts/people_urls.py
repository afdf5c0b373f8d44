"""Addresses of the pages about the people of a city."""

from django.urls import path

from contracts.views.people import address, authorities, delegations, departments, handover, members, posts, sittings

urlpatterns = [
    path("", members.people, name="people"),
    path("new/", members.person_new, name="person_new"),
    path("<int:user_id>/", members.person, name="person"),
    path("<int:user_id>/leave/", members.person_leave, name="person_leave"),
    path("<int:user_id>/password/", members.person_password, name="person_password"),
    path("<int:user_id>/unlock/", members.person_unlock, name="person_unlock"),
    path("<int:user_id>/second-factor/", members.person_second_factor, name="person_second_factor"),
    path("<int:user_id>/roles/new/", posts.role_new, name="role_new"),
    path("<int:user_id>/sittings/end/", sittings.person_sittings_end, name="person_sittings_end"),
    path("address/", address.address, name="address"),
    path("address/confirm/", address.address_confirm, name="address_confirm"),
    path("sittings/", sittings.sitting_list, name="sitting_list"),
    path("sittings/end/", sittings.sitting_end, name="sitting_end"),
    path("sittings/extend/", sittings.sitting_extend, name="sitting_extend"),
    path("roles/<int:membership_id>/", posts.role_edit, name="role_edit"),
    path("roles/<int:membership_id>/withdraw/", posts.role_withdraw, name="role_withdraw"),
    path("departments/", departments.department_list, name="department_list"),
    path("departments/new/", departments.department_new, name="department_new"),
    path("departments/<int:department_id>/", departments.department_edit, name="department_edit"),
    path("delegations/", delegations.delegation_list, name="delegation_list"),
    path("delegations/new/", delegations.delegation_new, name="delegation_new"),
    path("delegations/<int:delegation_id>/revoke/", delegations.delegation_revoke, name="delegation_revoke"),
    path("authorities/", authorities.authority_list, name="authority_list"),
    path("handover/", handover.handover, name="handover"),
]
