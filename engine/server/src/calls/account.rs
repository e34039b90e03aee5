//! Balances, fills, fees, limits of an account (Binance Spot, "Account endpoints", and the two `sapi` calls clients make).

use super::Ask;
use crate::hall::Hall;
use bot4_exchange::binance::call::Call;
use bot4_exchange::binance::fault::Fault;
use bot4_exchange::binance::json::Json;
use bot4_exchange::binance::render::Render;
use bot4_exchange::venue::accounts::OwnFill;

impl Hall {
    pub(super) fn account_call(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        match ask.row.call {
            Call::Account => self.balances(ask, render, json),
            Call::MyTrades => self.my_trades(ask, render, json),
            Call::Commission => self.commission(ask, render, json),
            Call::TradeFees => self.trade_fees(ask, render, json),
            _ => self.currencies(ask, render, json),
        }
    }

    fn balances(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let with_zero = ask.params.flag("omitZeroBalances")? != Some(true);
        ask.params.finish()?;
        let exchange = &self.floor.exchange;
        let (maker, taker) = exchange.fees(ask.account);
        json.object().key("makerCommission").number(maker / 10_000).key("takerCommission").number(taker / 10_000);
        json.key("buyerCommission").number(0).key("sellerCommission").number(0).key("commissionRates").object();
        json.key("maker").amount(maker).key("taker").amount(taker).key("buyer").amount(0).key("seller").amount(0).end();
        json.key("canTrade").bool(true).key("canWithdraw").bool(false).key("canDeposit").bool(false).key("brokered").bool(false);
        json.key("requireSelfTradePrevention").bool(false).key("preventSor").bool(false).key("updateTime").time(ask.now);
        json.key("accountType").text("SPOT").key("balances").array();
        for (asset, rules) in render.profile.assets.iter().enumerate() {
            let (free, locked) = exchange.balance(ask.account, asset as u16);
            if with_zero || free != 0 || locked != 0 {
                json.object().key("asset").text(&rules.name).key("free").amount(free).key("locked").amount(locked).end();
            }
        }
        json.close().key("permissions").array().text("SPOT").close().key("uid").number(i64::from(ask.account)).end();
        Ok(())
    }

    fn my_trades(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        let (order, first, limit) = (ask.params.number("orderId")?, ask.params.number("fromId")?, ask.params.limit(500, 1000)?);
        let (from, to) = super::trading::span(ask)?;
        ask.params.finish()?;
        if first.is_some() && (from.is_some() || to.is_some()) {
            return Err(Fault::new(-1128, "Combination of optional parameters invalid."));
        }
        let mut own: Vec<OwnFill> = Vec::new();
        self.floor.exchange.fills(ask.account, Some(symbol), |fill| {
            let is_in = order.is_none_or(|order| fill.order == order as u64)
                && first.is_none_or(|first| fill.fill.trade >= first as u64)
                && from.is_none_or(|from| fill.time >= from)
                && to.is_none_or(|to| fill.time <= to);
            if is_in {
                own.push(*fill);
            }
        });
        let is_forward = first.is_some() || from.is_some();
        let skip = if is_forward { 0 } else { own.len().saturating_sub(limit) };
        json.array();
        own.iter().skip(skip).take(limit).for_each(|fill| render.own_fill(json, fill));
        json.close();
        Ok(())
    }

    fn commission(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let symbol = ask.symbol(render.profile)?;
        ask.params.finish()?;
        let (maker, taker) = self.floor.exchange.fees(ask.account);
        json.object().key("symbol").text(render.symbol(symbol));
        for (name, maker, taker) in [("standardCommission", maker, taker), ("specialCommission", 0, 0), ("taxCommission", 0, 0)] {
            json.key(name).object().key("maker").amount(maker).key("taker").amount(taker);
            json.key("buyer").amount(0).key("seller").amount(0).end();
        }
        json.key("discount").object().key("enabledForAccount").bool(false).key("enabledForSymbol").bool(false);
        json.key("discountAsset").text("BNB").key("discount").amount(0).end().end();
        Ok(())
    }

    fn trade_fees(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        let wanted = ask.maybe_symbol(render.profile)?;
        ask.params.finish()?;
        let (maker, taker) = self.floor.exchange.fees(ask.account);
        json.array();
        for (at, rules) in render.profile.symbols.iter().enumerate() {
            if wanted.is_none_or(|symbol| usize::from(symbol) == at) {
                json.object().key("symbol").text(&rules.symbol).key("makerCommission").amount(maker);
                json.key("takerCommission").amount(taker).end();
            }
        }
        json.close();
        Ok(())
    }

    /// Answers `capital/config/getall`: no network is open, nothing can be moved in or out.
    fn currencies(&self, ask: &Ask<'_>, render: &Render<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        ask.params.finish()?;
        json.array();
        for (asset, rules) in render.profile.assets.iter().enumerate() {
            let (free, locked) = self.floor.exchange.balance(ask.account, asset as u16);
            json.object().key("coin").text(&rules.name).key("depositAllEnable").bool(false).key("withdrawAllEnable").bool(false);
            json.key("name").text(&rules.name).key("free").amount(free).key("locked").amount(locked).key("freeze").amount(0);
            json.key("withdrawing").amount(0).key("ipoing").amount(0).key("ipoable").amount(0).key("storage").amount(0);
            json.key("isLegalMoney").bool(false).key("trading").bool(true).key("networkList").array().close().end();
        }
        json.close();
        Ok(())
    }

    pub(super) fn order_limits(&mut self, ask: &Ask<'_>, json: &mut Json<'_>) -> Result<(), Fault> {
        ask.params.finish()?;
        json.array();
        self.limits.orders(ask.account, ask.now, json);
        json.close();
        Ok(())
    }
}
