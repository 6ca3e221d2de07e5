"""Who can be responsible, as people call them, and what it means for who pays."""

from models import ResponsibleParty

R = ResponsibleParty

PARTY_NAMES: dict[ResponsibleParty, str] = {
    R.OWNER: "业主自己",
    R.SHARED: "共用部位，大家共有",
    R.UTILITY: "水电气暖等专业单位",
    R.MUNICIPAL: "市政部门",
    R.WARRANTY: "施工单位，还在保修期",
    R.AT_FAULT: "弄坏的人",
}

WHO_PAYS: dict[ResponsibleParty, str] = {
    R.OWNER: "这是自家专有的部分，修理费由业主自己出。要收钱的，先报价，您同意了才动工。",
    R.SHARED: "这是大家共用的部分，不向您一家收钱。要花的钱由共有的业主分摊，或者按规定从维修资金里出。",
    R.UTILITY: "这是专业单位的管线和设备，由他们修、他们出钱，不向居民收，也不动维修资金。服务站负责去报。",
    R.MUNICIPAL: "这归市政管，由市政出钱来修。服务站负责去报。",
    R.WARRANTY: "还在保修期里，由施工单位免费修。服务站负责去找他们。",
    R.AT_FAULT: "谁弄坏的谁出钱。说不拢，可以请调解员来调解。",
}

PAYS_ONESELF = frozenset({R.OWNER, R.AT_FAULT})
"""Where a person is asked for money, with a quote."""
