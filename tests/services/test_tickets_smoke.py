def test_a_report_travels_to_confirmation(world):
    filed = world.file()
    ticket = world.bring_to("confirmed", filed)
    assert ticket.state.value == "confirmed"
    assert filed.number.endswith("-2611-00001")
