"""The phrase bank in the window: found and inserted while one writes, kept from what one wrote, looked after."""
