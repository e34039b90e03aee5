//! The fields of the book that a program may read, by the names it uses.

use crate::event::{AccountView, PositionView};

/// A field of the position view as the program names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PositionField {
    Qty,
    Weight,
    AvgPrice,
    FirstFill,
    LastFill,
    Units,
    BarsHeld,
    Pnl,
    Mae,
    Mfe,
    Pending,
    Flat,
    IsOpen,
}

/// A field of the account view as the program names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum AccountField {
    Equity,
    Cash,
    Gross,
    Drawdown,
}

use AccountField as A;
use PositionField as P;

impl PositionField {
    /// Every field with its name in the program.
    pub const NAMES: [(&'static str, Self); 13] = [
        ("qty", P::Qty),
        ("weight", P::Weight),
        ("avg_price", P::AvgPrice),
        ("first_fill", P::FirstFill),
        ("last_fill", P::LastFill),
        ("units", P::Units),
        ("bars_held", P::BarsHeld),
        ("pnl", P::Pnl),
        ("mae", P::Mae),
        ("mfe", P::Mfe),
        ("pending", P::Pending),
        ("flat", P::Flat),
        ("is_open", P::IsOpen),
    ];

    /// Reads the field.
    pub fn of(self, view: &PositionView) -> f64 {
        match self {
            P::Qty => view.qty,
            P::Weight => view.weight,
            P::AvgPrice => view.avg_price,
            P::FirstFill => view.first_fill,
            P::LastFill => view.last_fill,
            P::Units => view.units,
            P::BarsHeld => view.bars_held,
            P::Pnl => view.pnl,
            P::Mae => view.mae,
            P::Mfe => view.mfe,
            P::Pending => view.pending,
            P::Flat => f64::from(u8::from(view.qty == 0.0)),
            P::IsOpen => f64::from(u8::from(view.qty != 0.0)),
        }
    }
}

impl AccountField {
    /// Every field with its name in the program.
    pub const NAMES: [(&'static str, Self); 4] = [("equity", A::Equity), ("cash", A::Cash), ("gross", A::Gross), ("drawdown", A::Drawdown)];

    /// Reads the field.
    pub fn of(self, view: &AccountView) -> f64 {
        match self {
            A::Equity => view.equity,
            A::Cash => view.cash,
            A::Gross => view.gross,
            A::Drawdown => view.drawdown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_reads_its_own_value() {
        let flat = PositionView { avg_price: f64::NAN, ..Default::default() };
        let open = PositionView {
            qty: 1.0,
            weight: 2.0,
            avg_price: 3.0,
            first_fill: 4.0,
            last_fill: 5.0,
            units: 6.0,
            bars_held: 7.0,
            pnl: 8.0,
            mae: 9.0,
            mfe: 10.0,
            pending: 11.0,
        };
        let values: Vec<f64> = P::NAMES.iter().map(|(_, field)| field.of(&open)).collect();
        assert_eq!(values, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 0.0, 1.0]);
        assert_eq!((P::Flat.of(&flat), P::IsOpen.of(&flat)), (1.0, 0.0));
        let account = AccountView { equity: 1.0, cash: 2.0, gross: 3.0, drawdown: 4.0 };
        assert_eq!(A::NAMES.map(|(_, field)| field.of(&account)), [1.0, 2.0, 3.0, 4.0]);
    }
}
