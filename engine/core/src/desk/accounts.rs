//! What the desk keeps for an account with wallets, funding, loans or margin, beside the ledger; absent where a run has none of them.
//!
//! Of one bar: interest → borrow → funding → liquidations by the open ([`Desk::open_accounts`]), then the steps of `market`, where liquidations
//! inside the bar compete with stops (`liquidation`), and a mark that values every wallet (`wallets`).
use super::funding::DefaultFunding;
use super::ledger::Booked;
use super::margin;
use super::wallets::Wallet;
use super::{Desk, Halt, Source};
use crate::account::{MarginMode, MarginTerms, WalletMode};
use crate::config::{Config, Realism};
use crate::event::Entry;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::Overflow;

/// Sums of one instrument over the run, in its settlement currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Funding, paid is negative.
    pub funding: i64,
    /// Borrow interest, negative.
    pub borrow: i64,
    /// Losses beyond isolated margin that the venue's fund took.
    pub fund: i64,
    /// Positions liquidated.
    pub liquidations: u64,
}

/// An instrument's part of the account.
pub(super) struct Holding {
    pub margin: Option<MarginTerms>,
    pub borrow_e9: i64,
    /// Margin set aside for an isolated position.
    pub set_aside: i64,
    /// Funding and borrow interest of the open trade.
    pub carried: i64,
    /// Open of the asset's last bar, ms.
    pub last_ts: Option<i64>,
    /// Settlements of the funding series already passed.
    pub cursor: usize,
    /// The liquidation price as of a count of [`Accounts::sums`].
    pub level: (u64, Option<i64>),
    pub totals: Totals,
}

/// The account's state beside the ledger.
pub(super) struct Accounts {
    pub holdings: Vec<Holding>,
    pub default_funding: Option<DefaultFunding>,
    /// Whether a liquidation is tested at the bar's extreme, else at its close only.
    pub is_strict: bool,
    pub has_margin: bool,
    /// Margin balance and maintenance of the cross positions of each wallet; true while nothing has moved them.
    pub sums: Vec<margin::Sums>,
    pub is_fresh: bool,
    /// How often the sums were taken: what was worked out from them holds until the next time.
    pub count: u64,
    /// Open of the last grid row, ms.
    pub last_ts: Option<i64>,
}

impl Accounts {
    /// Returns whether a run needs more than one plain cash flow.
    pub fn are_needed(config: &Config) -> bool {
        !config.wallets.is_empty() || config.instruments.iter().any(|terms| terms.margin.is_some())
    }

    /// Prepares the state of `assets` instruments.
    pub fn new(config: &Config, assets: usize) -> Self {
        let mut accounts = Self::plain(assets);
        for (holding, terms) in accounts.holdings.iter_mut().zip(&config.instruments) {
            (holding.margin, holding.borrow_e9) = (terms.margin.clone(), terms.borrow_e9);
            accounts.has_margin |= terms.margin.is_some();
        }
        accounts.is_strict = config.realism == Realism::Strict;
        accounts.sums = vec![margin::Sums::default(); config.wallets.len().max(1)];
        accounts
    }

    /// Prepares an account of one wallet without loans or margin.
    pub fn plain(assets: usize) -> Self {
        let holding = |_| Holding {
            margin: None,
            borrow_e9: 0,
            set_aside: 0,
            carried: 0,
            last_ts: None,
            cursor: 0,
            level: (0, None),
            totals: Totals::default(),
        };
        Self {
            holdings: (0..assets).map(holding).collect(),
            default_funding: None,
            is_strict: true,
            has_margin: false,
            sums: vec![margin::Sums::default()],
            is_fresh: false,
            count: 0,
            last_ts: None,
        }
    }

    pub fn save(&self, to: &mut Writer) {
        optional(to, self.last_ts);
        for holding in &self.holdings {
            optional(to, holding.last_ts);
            for x in [holding.set_aside, holding.carried, holding.totals.funding, holding.totals.borrow, holding.totals.fund] {
                to.i64(x);
            }
            to.u64(holding.cursor as u64);
            to.u64(holding.totals.liquidations);
        }
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.is_fresh = false;
        self.last_ts = read_optional(from)?;
        for holding in &mut self.holdings {
            holding.last_ts = read_optional(from)?;
            (holding.set_aside, holding.carried) = (from.i64()?, from.i64()?);
            holding.totals = Totals { funding: from.i64()?, borrow: from.i64()?, fund: from.i64()?, liquidations: 0 };
            holding.cursor = from.u64()? as usize;
            holding.totals.liquidations = from.u64()?;
        }
        Ok(())
    }
}

fn optional(to: &mut Writer, x: Option<i64>) {
    to.bool(x.is_some());
    to.i64(x.unwrap_or(0));
}

fn read_optional(from: &mut Reader<'_>) -> Result<Option<i64>, SnapshotError> {
    let is_some = from.bool()?;
    Ok(Some(from.i64()?).filter(|_| is_some))
}

/// Returns the wallets of a configuration, at least one, and the wallet of each instrument.
pub(super) fn wallets(config: &Config, assets: usize) -> (Vec<Wallet>, Vec<usize>) {
    let mut wallets: Vec<Wallet> = config.wallets.iter().map(Wallet::new).collect();
    if wallets.is_empty() {
        wallets.push(Wallet::plain(config.cash));
    }
    let home = (0..assets).map(|asset| config.instruments.get(asset).map_or(0, |terms| terms.wallet)).collect();
    (wallets, home)
}

impl Desk {
    /// Books what the open brings before anything trades, and liquidates what it has passed.
    #[cold]
    pub(super) fn open_accounts<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        let first = present.first().map_or(0, |entry| entry.asset as usize);
        self.charge_interest(ts).map_err(|Overflow| Halt { asset: first, ts })?;
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            self.charge_borrow(ts, asset, local, src).map_err(|Overflow| Halt { asset, ts })?;
            self.pay_funding(ts, asset, local, src).map_err(|Overflow| Halt { asset, ts })?;
            if let Some(accounts) = &mut self.accounts {
                accounts.holdings[asset].last_ts = Some(ts);
            }
        }
        if self.open_positions > 0 {
            self.liquidate_gaps(ts, present, src)?;
        }
        Ok(())
    }

    /// Takes a fill into the account: margin set aside or given back, what the closed trade carried. `before` is the position's lots and entry
    /// notional before it.
    #[cold]
    pub(super) fn account_fill(&mut self, asset: usize, lots: i64, before: (i64, i64), booked: &mut Booked) -> Result<(), Overflow> {
        let Some(accounts) = &mut self.accounts else { return Ok(()) };
        accounts.is_fresh = false;
        let holding = &mut accounts.holdings[asset];
        if let Some(trade) = &mut booked.closed {
            trade.funding = std::mem::take(&mut holding.carried);
            trade.pnl = trade.pnl.checked_add(trade.funding).ok_or(Overflow)?;
        }
        let Some(terms) = holding.margin.as_ref().filter(|terms| terms.mode == MarginMode::Isolated) else { return Ok(()) };
        let (held, entered) = before;
        if held.signum() == -lots.signum() {
            let closing = lots.abs().min(held.abs());
            holding.set_aside -= (i128::from(holding.set_aside) * i128::from(closing) / i128::from(held.abs())) as i64;
        }
        if booked.increased {
            let entered = if booked.opened { 0 } else { entered };
            let added = margin::initial(self.ledger.positions[asset].entry_notional() - entered, terms.leverage_e9)?;
            holding.set_aside = holding.set_aside.checked_add(added).ok_or(Overflow)?;
        }
        Ok(())
    }

    /// Returns an instrument's sums; zeros where the account is a plain cash flow.
    pub fn totals(&self, asset: usize) -> Totals {
        self.accounts.as_ref().map_or(Totals::default(), |accounts| accounts.holdings[asset].totals)
    }

    /// Returns the margin set aside for an isolated position.
    pub fn set_aside(&self, asset: usize) -> i64 {
        self.accounts.as_ref().map_or(0, |accounts| accounts.holdings[asset].set_aside)
    }

    /// Returns whether the instrument's wallet lends: spot is then bought as far as margin reaches.
    pub(super) fn lends(&self, asset: usize) -> bool {
        self.ledger.home.get(asset).is_some_and(|&home| self.ledger.wallets[home].mode == WalletMode::Cross)
    }
}
