"""What people call the states of a ticket, and what each state asks of whom."""

from models import TicketState

S = TicketState

STATE_NAMES: dict[TicketState, str] = {
    S.SUBMITTED: "已提交",
    S.TRIAGED: "已核实",
    S.ASSIGNED: "已派单",
    S.ACCEPTED: "已接单",
    S.ON_SITE: "已到场",
    S.IN_PROGRESS: "维修中",
    S.PAUSED: "暂停中",
    S.DONE_BY_WORKER: "待确认",
    S.CONFIRMED: "已确认",
    S.AUTO_CONFIRMED: "到期确认",
    S.REOPENED: "重新处理",
    S.RATED: "已评价",
    S.CLOSED: "已归档",
    S.REJECTED: "已退回",
    S.REDIRECTED: "已转办",
    S.CANCELLED: "已撤销",
}

NEXT_STEP: dict[TicketState, str] = {
    S.SUBMITTED: "请等服务站核实派单。",
    S.TRIAGED: "请等服务站派人。",
    S.ASSIGNED: "请等师傅接单。",
    S.ACCEPTED: "请等师傅上门。",
    S.ON_SITE: "师傅已经到了，请当面说。",
    S.IN_PROGRESS: "正在修，请等师傅完工。",
    S.PAUSED: "暂停了，原因写在单子里；恢复以后再操作。",
    S.DONE_BY_WORKER: "请报修人看一看：修好了点“确认”，没修好点“没修好”。",
    S.CONFIRMED: "报修人已经确认，可以评价，也可以归档。",
    S.AUTO_CONFIRMED: "七天没有回音，系统记为到期确认；没修好还可以点“没修好”。",
    S.REOPENED: "报修人说没修好，请服务站重新派单。",
    S.RATED: "已经评价，可以归档。",
    S.CLOSED: "已经归档；又坏了请新报一单。",
    S.REJECTED: "已经退回，理由写在单子里；有新情况请新报一单。",
    S.REDIRECTED: "已经转给别的单位，去处写在单子里。",
    S.CANCELLED: "已经撤销；还要修请新报一单。",
}
