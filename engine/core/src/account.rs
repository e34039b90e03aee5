//! Accounts as a run configures them: wallets, margin terms, loans. Plain data from the host, checked against the listings.
//!
//! Not here: what happens to them while running (`desk/wallets`, `desk/margin`). Rules: docs/semantics.md, section 9.
use crate::instrument::{InstrumentKind, Listing, Terms};
use crate::money::E9;
use serde::Deserialize;

/// What a wallet's cash may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WalletMode {
    /// Spot is bought with cash only.
    #[default]
    Cash,
    /// A margin account: spot may be bought on credit, as far as margin reaches; the wallet may turn negative.
    Cross,
}

/// Cash of one account in one settlement currency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WalletTerms {
    /// Settlement currency.
    pub currency: String,
    /// Starting cash, 1e-8 of the currency.
    pub cash: i64,
    /// Instrument whose mark values the wallet in the account currency; `None` where it holds that currency.
    #[serde(default)]
    pub convert: Option<usize>,
    /// What its cash may do.
    #[serde(default)]
    pub mode: WalletMode,
    /// Interest on negative cash, billionths a year.
    #[serde(default)]
    pub interest_e9: i64,
}

/// What a position's margin has to cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarginMode {
    /// The wallet stands for all its cross positions.
    Cross,
    /// Only what was set aside for the position.
    Isolated,
}

/// One bracket of a venue's maintenance table, written `[floor, rate_e9, amount]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "(i64, i64, i64)")]
pub struct Tier {
    /// Smallest notional of the bracket, 1e-8 of the settlement currency.
    pub floor: i64,
    /// Maintenance margin rate, billionths.
    pub rate_e9: i64,
    /// Maintenance amount, subtracted; 1e-8 of the settlement currency.
    pub amount: i64,
}

impl From<(i64, i64, i64)> for Tier {
    fn from((floor, rate_e9, amount): (i64, i64, i64)) -> Self {
        Self { floor, rate_e9, amount }
    }
}

/// Margin rules of an instrument.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarginTerms {
    /// Cross or isolated.
    pub mode: MarginMode,
    /// Notional over initial margin, billionths.
    pub leverage_e9: i64,
    /// Maintenance brackets, ascending.
    pub tiers: Vec<Tier>,
    /// Fee of a liquidation on top of the taker fee, billionths of the notional.
    #[serde(default)]
    pub liquidation_fee_e9: i64,
}

/// Terms of an instrument in one run, with its account.
#[derive(Debug, Clone, Deserialize)]
pub struct InstrumentTerms {
    /// Fees and minimums.
    #[serde(flatten)]
    pub terms: Terms,
    /// Wallet it settles in.
    #[serde(default)]
    pub wallet: usize,
    /// Margin rules; without them it is never liquidated.
    #[serde(default)]
    pub margin: Option<MarginTerms>,
    /// Interest on a short spot position, billionths of its value a year.
    #[serde(default)]
    pub borrow_e9: i64,
}

/// Refuses accounts that do not fit the market.
///
/// # Errors
/// Returns one sentence naming the instrument or wallet, and the fix.
pub fn validate(wallets: &[WalletTerms], instruments: &[InstrumentTerms], listings: &[Listing]) -> Result<(), String> {
    for (number, wallet) in wallets.iter().enumerate() {
        check_wallet(number, wallet, &wallets[0].currency, listings)?;
    }
    for (listing, terms) in listings.iter().zip(instruments) {
        let currency = listing.settlement();
        match wallets.get(terms.wallet) {
            Some(wallet) if wallet.currency == currency => {}
            Some(wallet) => {
                return Err(format!(
                    "{} settles in {currency}, its wallet {} holds {}; give it a wallet of {currency}",
                    listing.symbol, terms.wallet, wallet.currency
                ));
            }
            None if wallets.is_empty() && terms.wallet == 0 => one_currency(listing, &listings[0])?,
            None => return Err(format!("{}: wallet {} does not exist; list it under wallets", listing.symbol, terms.wallet)),
        }
        check_instrument(listing, terms)?;
    }
    Ok(())
}

/// Without wallets there is one account in one currency.
fn one_currency(listing: &Listing, first: &Listing) -> Result<(), String> {
    if listing.settlement() == first.settlement() {
        return Ok(());
    }
    Err(format!(
        "{} settles in {}, {} in {}; run them apart, state a peg, or give each currency a wallet",
        first.symbol,
        first.settlement(),
        listing.symbol,
        listing.settlement()
    ))
}

fn check_wallet(number: usize, wallet: &WalletTerms, account: &str, listings: &[Listing]) -> Result<(), String> {
    let name = format!("wallet {number} ({})", wallet.currency);
    if !(0..=i64::MAX / 4).contains(&wallet.cash) || (number == 0 && wallet.convert.is_some()) {
        return Err(format!("{name}: cash must be 0 or more, and the first wallet holds the account currency and converts nothing"));
    }
    if !(0..=100 * E9).contains(&wallet.interest_e9) {
        return Err(format!("{name}: interest_e9 is {}; it must lie between 0 and 100 a year", wallet.interest_e9));
    }
    let Some(convert) = wallet.convert else {
        return if wallet.currency == account {
            Ok(())
        } else {
            Err(format!("{name}: name an instrument {}/{account} under convert that values it in {account}", wallet.currency))
        };
    };
    match listings.get(convert) {
        Some(listing) if listing.base == wallet.currency && listing.quote == account => Ok(()),
        Some(listing) => Err(format!(
            "{name}: {} prices {} in {}; convert must price {} in {account}",
            listing.symbol, listing.base, listing.quote, wallet.currency
        )),
        None => Err(format!("{name}: convert names instrument {convert}, the market has {}", listings.len())),
    }
}

fn check_instrument(listing: &Listing, terms: &InstrumentTerms) -> Result<(), String> {
    let symbol = &listing.symbol;
    if !(0..=100 * E9).contains(&terms.borrow_e9) {
        return Err(format!("{symbol}: borrow_e9 is {}; it must lie between 0 and 100 a year", terms.borrow_e9));
    }
    if terms.borrow_e9 > 0 && (listing.kind != InstrumentKind::Spot || terms.margin.is_none()) {
        return Err(format!("{symbol}: borrow_e9 is for spot with margin, which alone can be borrowed; leave it out"));
    }
    let Some(margin) = &terms.margin else { return Ok(()) };
    if !(E9..=1_000 * E9).contains(&margin.leverage_e9) || !(0..E9 / 2).contains(&margin.liquidation_fee_e9) {
        return Err(format!("{symbol}: leverage must lie between 1 and 1000 and the liquidation fee between 0 and 50 %"));
    }
    let rises = margin.tiers.windows(2).all(|pair| pair[0].floor < pair[1].floor && pair[0].rate_e9 <= pair[1].rate_e9);
    let most = |tier: &Tier| i128::from(tier.floor) * i128::from(tier.rate_e9) / i128::from(E9);
    let in_range = margin.tiers.iter().all(|tier| (0..E9).contains(&tier.rate_e9) && (0..=most(tier)).contains(&i128::from(tier.amount)));
    if margin.tiers.first().is_none_or(|tier| tier.floor != 0) || !rises || !in_range {
        return Err(format!(
            "{symbol}: margin tiers must begin at notional 0 and rise, with rates from 0 to below 100 % and amounts from 0 to floor times rate"
        ));
    }
    if i128::from(margin.leverage_e9) * i128::from(margin.tiers[0].rate_e9) > i128::from(E9) * i128::from(E9) {
        return Err(format!(
            "{symbol}: leverage {} would be liquidated at once under a maintenance rate of {} %; lower the leverage",
            margin.leverage_e9 as f64 / E9 as f64,
            margin.tiers[0].rate_e9 as f64 / 1e7
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTINGS: &str = r#"[
        {"symbol":"BTC/USD:BTC","venue":"a","kind":"inverse","base":"BTC","quote":"USD","tick":[1,1],"lot":[1,0],"contract":[100,0]},
        {"symbol":"BTC/USDT","venue":"a","kind":"spot","base":"BTC","quote":"USDT","tick":[1,2],"lot":[1,5]},
        {"symbol":"ETH/USDT:USDT","venue":"a","kind":"linear","base":"ETH","quote":"USDT","tick":[1,2],"lot":[1,3]}]"#;
    const WALLETS: &str = r#"[{"currency":"USDT","cash":1000},{"currency":"BTC","cash":5,"convert":1,"mode":"cross","interest_e9":100}]"#;
    const TERMS: &str = r#"[
        {"taker_e9":0,"maker_e9":0,"min_lots":1,"min_notional":0,"wallet":1,"margin":{"mode":"cross","leverage_e9":5000000000,"tiers":[[0,4000000,0],[500,5000000,0]]}},
        {"taker_e9":0,"maker_e9":0,"min_lots":1,"min_notional":0,"borrow_e9":7,"margin":{"mode":"isolated","leverage_e9":2000000000,"tiers":[[0,0,0]],"liquidation_fee_e9":9}},
        {"taker_e9":0,"maker_e9":0,"min_lots":1,"min_notional":0}]"#;

    fn check(wallets: &str, terms: &str) -> Result<(), String> {
        let listings: Vec<Listing> = serde_json::from_str(LISTINGS).unwrap();
        validate(
            &serde_json::from_str::<Vec<WalletTerms>>(wallets).unwrap(),
            &serde_json::from_str::<Vec<InstrumentTerms>>(terms).unwrap(),
            &listings,
        )
    }

    #[test]
    fn what_fits_is_read() {
        assert_eq!(check(WALLETS, TERMS), Ok(()));
        let terms: Vec<InstrumentTerms> = serde_json::from_str(TERMS).unwrap();
        let margin = terms[0].margin.as_ref().unwrap();
        assert_eq!((margin.tiers[1].floor, margin.tiers[1].rate_e9, margin.liquidation_fee_e9), (500, 5_000_000, 0));
        assert!(terms[2].margin.is_none() && terms[2].wallet == 0 && terms[2].borrow_e9 == 0, "all of it is optional");
        assert_eq!(serde_json::from_str::<Vec<WalletTerms>>(WALLETS).unwrap()[0].mode, WalletMode::Cash);
    }

    #[test]
    fn what_does_not_fit_is_refused_in_a_sentence() {
        let says = |wallets: (&str, &str), terms: (&str, &str), part: &str| {
            let refused = check(&WALLETS.replacen(wallets.0, wallets.1, 1), &TERMS.replacen(terms.0, terms.1, 1)).unwrap_err();
            assert!(refused.contains(part), "{refused}");
        };
        let same = ("", "");
        says(same, (r#""wallet":1"#, r#""wallet":0"#), "BTC/USD:BTC settles in BTC, its wallet 0 holds USDT");
        says(same, (r#""wallet":1"#, r#""wallet":2"#), "wallet 2 does not exist");
        says((r#""cash":1000"#, r#""cash":-1"#), same, "wallet 0 (USDT)");
        says((r#""cash":1000"#, r#""cash":1,"convert":1"#), same, "the first wallet");
        says((r#""convert":1,"#, ""), same, "name an instrument BTC/USDT under convert");
        says((r#""convert":1"#, r#""convert":2"#), same, "ETH/USDT:USDT prices ETH in USDT");
        says((r#""convert":1"#, r#""convert":9"#), same, "the market has 3");
        says((r#""interest_e9":100"#, r#""interest_e9":-1"#), same, "interest_e9 is -1");
        says(same, (r#""borrow_e9":7"#, r#""borrow_e9":-7"#), "borrow_e9 is -7");
        says(same, (r#""wallet":1"#, r#""wallet":1,"borrow_e9":7"#), "spot with margin");
        says(same, (r#""leverage_e9":5000000000"#, r#""leverage_e9":500000000"#), "leverage must lie between 1 and 1000");
        says(same, (r#""liquidation_fee_e9":9"#, r#""liquidation_fee_e9":500000000"#), "liquidation fee");
        for tiers in
            ["[]", "[[1,4,0]]", "[[0,4,0],[0,5,0]]", "[[0,4,0],[9,3,0]]", "[[0,1000000000,0]]", "[[0,4,1]]", "[[0,4,0],[500,5000000,3]]"]
        {
            says(same, ("[[0,4000000,0],[500,5000000,0]]", tiers), "margin tiers must begin at notional 0 and rise");
        }
        says(
            same,
            ("[[0,4000000,0],[500,5000000,0]]", "[[0,201000000,0]]"),
            "leverage 5 would be liquidated at once under a maintenance rate of 20.1 %",
        );
        assert!(check("[]", TERMS).unwrap_err().contains("wallet 1 does not exist"));
        let alone = TERMS.replacen(r#""wallet":1,"#, "", 1);
        assert!(check("[]", &alone).unwrap_err().contains("state a peg, or give each currency a wallet"));
    }
}
