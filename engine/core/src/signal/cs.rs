//! Cross-sections: one number for each asset from all assets present at one time. Ties go by id, reductions add in id order, zero sums give 0.

use super::arena::Col;
use super::op::CrossKind;
use crate::event::Entry;

/// A cross-section node over all assets.
pub(crate) struct Cross {
    kind: CrossKind,
    input: Vec<Col>,
    output: Vec<Col>,
    /// Values present at this time, in id order, and where they came from.
    values: Vec<f64>,
    places: Vec<Entry>,
    /// Values with their places in `values`, sorted; those of the time before are where the next sort begins.
    order: Vec<(f64, u32)>,
}

impl Cross {
    /// Binds the node to one input and one output column for each asset.
    pub fn new(kind: CrossKind, input: Vec<Col>, output: Vec<Col>) -> Self {
        let assets = input.len();
        Self {
            kind,
            input,
            output,
            values: Vec::with_capacity(assets),
            places: Vec::with_capacity(assets),
            order: Vec::with_capacity(assets),
        }
    }

    /// Computes one time; on cells every asset's value stands in row 0.
    pub fn row(&mut self, present: &[Entry], cells: bool) {
        self.values.clear();
        self.places.clear();
        for &Entry { asset, row } in present {
            let row = if cells { 0 } else { row };
            let x = self.input[asset as usize].get(row as usize);
            if x.is_nan() {
                self.output[asset as usize].set(row as usize, f64::NAN);
            } else {
                self.values.push(x);
                self.places.push(Entry { asset, row });
            }
        }
        match self.kind {
            CrossKind::Rank => self.positions(|position, k| if k == 1 { 0.5 } else { position as f64 / (k - 1) as f64 }),
            CrossKind::Bucket(n) => self.positions(|position, k| (position as u64 * u64::from(n) / k as u64) as f64),
            CrossKind::Top(n) => self.positions(|position, k| f64::from(u8::from(position + n as usize >= k))),
            CrossKind::Zscore => self.zscore(),
            CrossKind::Demean => {
                let (pivot, mean) = self.center();
                self.each(|x| (x - pivot) - mean);
            }
            CrossKind::Gross(gross) => {
                let sum = self.values.iter().fold(0.0, |sum, x| sum + x.abs());
                self.each(|x| if sum == 0.0 { 0.0 } else { x * gross / sum });
            }
            CrossKind::LongShort(long, short) => {
                let up = self.values.iter().filter(|x| **x > 0.0).fold(0.0, |sum, x| sum + x);
                let down = self.values.iter().filter(|x| **x < 0.0).fold(0.0, |sum, x| sum - x);
                self.each(|x| match x {
                    x if x > 0.0 => x * long / up,
                    x if x < 0.0 => x * short / down,
                    _ => 0.0,
                });
            }
        }
    }

    /// Returns the first value and the mean distance from it: close values differ from it exactly, so what they have in common loses no digits.
    fn center(&self) -> (f64, f64) {
        let pivot = self.values.first().copied().unwrap_or(0.0);
        (pivot, self.values.iter().fold(0.0, |sum, x| sum + (x - pivot)) / self.values.len() as f64)
    }

    fn zscore(&mut self) {
        let (pivot, mean) = self.center();
        let squares = self.values.iter().map(|x| (x - pivot) - mean).fold(0.0, |sum, d| sum + d * d);
        let k = self.values.len();
        let std = if k < 2 { 0.0 } else { (squares / (k - 1) as f64).sqrt() };
        self.each(|x| if std == 0.0 { f64::NAN } else { ((x - pivot) - mean) / std });
    }

    /// Writes a function of each value; what is not finite becomes missing.
    fn each(&mut self, f: impl Fn(f64) -> f64) {
        for (&x, place) in self.values.iter().zip(&self.places) {
            let y = f(x);
            self.output[place.asset as usize].set(place.row as usize, if y.is_finite() { y } else { f64::NAN });
        }
    }

    /// Writes a function of each value's position (from 0) among the `k` present.
    fn positions(&mut self, f: impl Fn(usize, usize) -> f64) {
        let (values, k) = (&self.values, self.values.len());
        if self.order.len() == k {
            self.order.iter_mut().for_each(|(value, index)| *value = values[*index as usize]);
        } else {
            self.order.clear();
            self.order.extend(values.iter().zip(0..).map(|(&value, index)| (value, index)));
        }
        sort(&mut self.order);
        for (position, &(_, index)) in self.order.iter().enumerate() {
            let place = self.places[index as usize];
            self.output[place.asset as usize].set(place.row as usize, f(position, k));
        }
    }
}

/// Sorts by (value, place). From one time to the next few change their rank, which takes few moves; where it takes many, it sorts anew.
fn sort(order: &mut [(f64, u32)]) {
    // −0 and 0 are one value; nothing here is missing.
    let before = |a: (f64, u32), b: (f64, u32)| a.0 < b.0 || (a.0 == b.0 && a.1 < b.1);
    let mut moves = 4 * order.len();
    for end in 1..order.len() {
        let moving = order[end];
        let mut at = end;
        while at > 0 && before(moving, order[at - 1]) {
            order[at] = order[at - 1];
            at -= 1;
        }
        order[at] = moving;
        match moves.checked_sub(end - at) {
            Some(left) => moves = left,
            None => {
                return order.sort_unstable_by(|&a, &b| if before(a, b) { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::arena::Arena;
    use super::*;

    const NAN: f64 = f64::NAN;

    fn run(kind: CrossKind, values: &[f64]) -> Vec<f64> {
        let mut arena = Arena::new();
        let mut columns = || (0..values.len()).map(|_| arena.column(1)).collect::<Vec<_>>();
        let (input, output) = (columns(), columns());
        input.iter().zip(values).for_each(|(column, &x)| column.set(0, x));
        let present: Vec<Entry> = (0..values.len() as u32).map(|asset| Entry { asset, row: 7 }).collect();
        Cross::new(kind, input, output.clone()).row(&present, true);
        output.iter().map(|column| column.get(0)).collect()
    }

    fn same(a: &[f64], b: &[f64]) {
        let bits = |xs: &[f64]| xs.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(a), bits(b), "{a:?} {b:?}");
    }

    #[test]
    fn positions_go_by_value_then_id_and_skip_the_missing() {
        let x = [3.0, NAN, 1.0, 3.0, 0.0, -0.0];
        same(&run(CrossKind::Rank, &x), &[0.75, NAN, 0.5, 1.0, 0.0, 0.25]);
        same(&run(CrossKind::Bucket(2), &x), &[1.0, NAN, 0.0, 1.0, 0.0, 0.0]);
        same(&run(CrossKind::Top(1), &x), &[0.0, NAN, 0.0, 1.0, 0.0, 0.0]);
        same(&run(CrossKind::Top(9), &[1.0, 2.0]), &[1.0, 1.0]);
        same(&run(CrossKind::Rank, &[4.0]), &[0.5]);
    }

    #[test]
    fn a_sort_that_begins_anywhere_ends_alike() {
        let mut seed = 7_u64;
        let mut below = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        for k in [0, 1, 2, 3, 17, 50] {
            for range in [2, 40, 1_000_000] {
                let values: Vec<f64> = (0..k).map(|_| below(range) as f64 - 1.0).collect();
                let mut expected: Vec<(f64, u32)> = values.iter().copied().zip(0..).collect();
                expected.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                for start in 0..20 {
                    // From the sorted list with some pairs changed, from few to all.
                    let mut order = expected.clone();
                    (0..start * k / 8).for_each(|_| order.swap(below(k) as usize, below(k) as usize));
                    sort(&mut order);
                    assert_eq!(order, expected);
                }
            }
        }
    }

    #[test]
    fn moments_and_sums_follow_the_table() {
        same(&run(CrossKind::Demean, &[1.0, 2.0, NAN, 6.0]), &[-2.0, -1.0, NAN, 3.0]);
        same(&run(CrossKind::Zscore, &[1.0, 3.0]), &[-1.0 / 2f64.sqrt(), 1.0 / 2f64.sqrt()]);
        same(&run(CrossKind::Zscore, &[1.0]), &[NAN]);
        same(&run(CrossKind::Zscore, &[2.0, 2.0]), &[NAN, NAN]);
        same(&run(CrossKind::Gross(2.0), &[1.0, -3.0, 0.0]), &[0.5, -1.5, 0.0]);
        same(&run(CrossKind::Gross(2.0), &[0.0, 0.0]), &[0.0, 0.0]);
        same(&run(CrossKind::LongShort(1.0, 0.5), &[1.0, 3.0, -2.0, 0.0]), &[0.25, 0.75, -0.5, 0.0]);
        same(&run(CrossKind::Demean, &[f64::MAX, -f64::MAX]), &[NAN, NAN]);
    }
}
