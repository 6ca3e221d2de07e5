"""What a browser is called, so that the person who confirms on the phone recognizes their own computer."""

MACHINES = (
    ("Windows", "Windows 电脑"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Macintosh", "苹果电脑"),
    ("Android", "安卓手机"),
    ("HarmonyOS", "鸿蒙设备"),
    ("Linux", "Linux 电脑"),
)
# The first that fits: most name Chrome and Safari too.
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg/", "Edge"),
    ("360SE", "360浏览器"),
    ("QIHU", "360浏览器"),
    ("QQBrowser", "QQ浏览器"),
    ("MetaSr", "搜狗浏览器"),
    ("UBrowser", "UC浏览器"),
    ("OPR/", "Opera"),
    ("Firefox/", "火狐"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


def label(user_agent: str) -> str:
    """Return a browser's name as people call it, from what it says of itself: Windows 电脑上的 Edge."""
    machine = next((name for mark, name in MACHINES if mark in user_agent), "一台电脑")
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "浏览器")
    space = " " if browser.isascii() or browser[0].isascii() else ""
    return f"{machine}上的{space}{browser}"
