//! Invariants of value, recomputed from everything ever booked; only in check builds.
use super::{Booking, Position, Wallet};
use crate::money::Scale;

/// What one wallet must hold.
#[derive(Clone, Copy)]
struct Sums {
    start: i128,
    spent: i128,
    fees: i128,
    credits: i128,
}

/// The books kept a second time.
pub struct Audit {
    sums: Vec<Sums>,
    home: Vec<usize>,
    signed: Vec<i128>,
    exact: Vec<i128>,
    lots: Vec<i128>,
    dust: Vec<i128>,
}

impl Audit {
    pub fn new(cash: i64, positions: &[Position]) -> Self {
        let zero = vec![0; positions.len()];
        let lots = positions.iter().map(|p| i128::from(p.lots)).collect();
        let dust = positions.iter().map(|p| p.dust).collect();
        let sums = vec![Sums { start: i128::from(cash), spent: 0, fees: 0, credits: 0 }];
        Self { sums, home: vec![0; positions.len()], signed: zero.clone(), exact: zero, lots, dust }
    }

    /// Starts a sum for each wallet.
    pub fn split(&mut self, flow: i64, wallets: &[Wallet], home: &[usize]) {
        self.sums = wallets.iter().map(|w| Sums { start: i128::from(w.flow), spent: 0, fees: 0, credits: 0 }).collect();
        self.home = home.to_vec();
        self.balance(flow, wallets);
    }

    pub fn fee(&mut self, asset: usize, fee: i64) {
        self.sums[self.home[asset]].fees += i128::from(fee);
    }

    pub fn credit(&mut self, wallet: usize, amount: i64, flow: i64, wallets: &[Wallet]) {
        self.sums[wallet].credits += i128::from(amount);
        self.balance(flow, wallets);
    }

    #[allow(clippy::too_many_arguments)]
    pub fn fill(
        &mut self,
        flow: i64,
        asset: usize,
        scale: &Scale,
        b: &Booking,
        [signed, fee]: [i64; 2],
        positions: &[Position],
        wallets: &[Wallet],
    ) {
        let sums = &mut self.sums[self.home[asset]];
        sums.fees += i128::from(fee);
        sums.spent += i128::from(signed);
        self.lots[asset] += i128::from(b.lots);
        self.balance(flow, wallets);
        assert_eq!(i128::from(positions[asset].lots), self.lots[asset], "the position is the sum of its fills");
        if scale.is_inverse() {
            assert_eq!(positions[asset].dust, 0, "an inverse amount keeps no dust");
            return;
        }
        self.signed[asset] += i128::from(signed);
        self.exact[asset] += scale.exact(b.lots, b.ticks).expect("booked before");
        let dust = self.dust[asset] + self.signed[asset] * i128::from(scale.den()) - self.exact[asset];
        assert_eq!(positions[asset].dust, dust, "what rounding took lies in the dust account");
        assert!(dust >= 0, "rounding is never in our favour");
    }

    /// Every wallet holds its start cash less notionals and fees, with what else was credited; the account's flow is the sum of its own currency.
    fn balance(&self, flow: i64, wallets: &[Wallet]) {
        let held = |sums: &Sums| sums.start - sums.spent - sums.fees + sums.credits;
        if wallets.is_empty() {
            assert_eq!(i128::from(flow), held(&self.sums[0]), "cash flow is start cash less notionals and fees");
            return;
        }
        for (wallet, sums) in wallets.iter().zip(&self.sums) {
            assert_eq!(i128::from(wallet.flow), held(sums), "a wallet is its start cash less notionals and fees, with its credits");
        }
        let own: i128 = wallets.iter().filter(|w| w.convert.is_none()).map(|w| i128::from(w.flow)).sum();
        assert_eq!(i128::from(flow), own, "the account's flow is that of its own currency");
    }
}
