//! Amendments, prevented matches, deposits and withdrawals as the venue writes them (Binance Spot, "Account endpoints"; Wallet, "Capital").

use super::json::Json;
use super::render::Render;
use super::words;
use crate::Micros;
use crate::profile::decimal;
use crate::venue::past::{Amendment, Prevented, Transfer};

/// Writes an amendment as `order/amendments` tells it.
pub fn amendment(render: &Render<'_>, json: &mut Json<'_>, what: &Amendment) {
    json.object().key("symbol").text(render.symbol(what.symbol)).key("orderId").id(what.order).key("executionId").id(what.execution);
    json.key("origClientOrderId").text(what.original.as_str()).key("newClientOrderId").text(what.client_id.as_str());
    json.key("origQty").amount(what.before).key("newQty").amount(what.after).key("time").time(what.time).end();
}

/// Writes a prevented match as `myPreventedMatches` tells it.
pub fn prevented(render: &Render<'_>, json: &mut Json<'_>, what: &Prevented) {
    let symbol = render.symbol(what.symbol);
    json.object().key("symbol").text(symbol).key("preventedMatchId").id(what.id).key("takerOrderId").id(what.taker);
    json.key("makerSymbol").text(symbol).key("makerOrderId").id(what.maker);
    // Accounts of no group are alone in one.
    json.key("tradeGroupId").number(if what.group == 0 { -1 } else { i64::from(what.group) });
    json.key("selfTradePreventionMode").text(words::self_trade(what.mode)).key("price").amount(what.price);
    for (name, lost) in [("takerPreventedQuantity", what.lost[0]), ("makerPreventedQuantity", what.lost[1])] {
        if lost > 0 {
            json.key(name).amount(lost);
        }
    }
    json.key("transactTime").time(what.time).end();
}

/// Writes a deposit as `capital/deposit/hisrec` tells it, or a withdrawal as `capital/withdraw/history`: on no network, done at once.
pub fn transfer(render: &Render<'_>, json: &mut Json<'_>, what: &Transfer) {
    let (id, amount, is_deposit) = (what.id.to_string(), decimal::text(what.amount.saturating_abs()), what.amount >= 0);
    json.object().key("id").text(&id).key("amount").text(&amount).key("coin").text(render.asset(what.asset)).key("network").text("");
    json.key("address").text("").key("txId").text(&format!("operator-{id}")).key("transferType").number(1);
    json.key("walletType").number(0);
    if is_deposit {
        json.key("addressTag").text("").key("status").number(1).key("insertTime").time(what.time).key("completeTime").time(what.time);
        json.key("unlockConfirm").text("0").key("confirmTimes").text("0/0");
    } else {
        json.key("transactionFee").text("0").key("status").number(6).key("info").text("").key("confirmNo").number(0);
        json.key("applyTime").text(&written(what.time)).key("completeTime").text(&written(what.time));
    }
    json.end();
}

/// Returns a time as `2026-11-28 02:14:01`, UTC (days to dates: Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn written(at: Micros) -> String {
    let seconds = at.div_euclid(1_000_000);
    let (days, second) = (seconds.div_euclid(86_400) + 719_468, seconds.rem_euclid(86_400));
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against `date -u -d @…`.
    #[test]
    fn times_are_written_as_dates() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_795_832_041, "2026-11-28 02:14:01"),
            (1_798_761_599, "2026-12-31 23:59:59"),
        ] {
            assert_eq!(written(seconds * 1_000_000), text);
        }
    }
}
