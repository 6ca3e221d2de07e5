"""What rows of the outbox ask of WeChat Pay."""

ASK_ORDER = "order.ask"
ASK_REFUND = "refund.ask"
FETCH_BILL = "bill.fetch"
