//! How long a column stays what it is: the stretch of a target, or of a signal, in which the strategy says nothing new.

/// Rows that the wide form compares at once.
#[cfg(target_arch = "x86_64")]
const WIDE: usize = 16;

/// Returns how many values from the first on have these bits.
#[inline(always)]
pub(super) fn equal_rows(column: &[f64], bits: u64) -> usize {
    #[cfg(target_arch = "x86_64")]
    if column.len() >= WIDE && std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { equal_rows_wide(column, bits) };
    }
    count(column, bits)
}

/// Looks at eight at a time, as vector code.
#[inline(always)]
fn count(column: &[f64], bits: u64) -> usize {
    let mut rows = 0;
    for eight in column.chunks_exact(8) {
        if eight.iter().fold(0, |differ, x| differ | (x.to_bits() ^ bits)) != 0 {
            break;
        }
        rows += 8;
    }
    rows + column[rows..].iter().take_while(|x| x.to_bits() == bits).count()
}

/// Does the same sixteen rows at a time.
///
/// # Safety
/// The processor must have AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn equal_rows_wide(column: &[f64], bits: u64) -> usize {
    use std::arch::x86_64::{
        _mm256_castsi256_pd, _mm256_cmpeq_epi64, _mm256_loadu_si256, _mm256_movemask_pd, _mm256_or_si256, _mm256_set1_epi64x,
        _mm256_testz_si256, _mm256_xor_si256,
    };
    let same = _mm256_set1_epi64x(bits as i64);
    let mut rows = 0;
    for many in column.chunks_exact(WIDE) {
        let from = many.as_ptr();
        // SAFETY: four by four values of the chunk, at any alignment.
        let parts = [0, 4, 8, 12].map(|at| unsafe { _mm256_loadu_si256(from.add(at).cast()) });
        let differ = parts.map(|part| _mm256_xor_si256(part, same));
        let any = _mm256_or_si256(_mm256_or_si256(differ[0], differ[1]), _mm256_or_si256(differ[2], differ[3]));
        if _mm256_testz_si256(any, any) == 0 {
            let of = |part| _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(part, same))) as u32;
            let equal = of(parts[0]) | of(parts[1]) << 4 | of(parts[2]) << 8 | of(parts[3]) << 12;
            return rows + equal.trailing_ones() as usize;
        }
        rows += WIDE;
    }
    rows + column[rows..].iter().take_while(|x| x.to_bits() == bits).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_other_value_ends_the_stretch_wherever_it_stands() {
        for rows in 0..70 {
            let mut column = vec![0.01; rows];
            assert_eq!([equal_rows(&column, 0.01f64.to_bits()), count(&column, 0.01f64.to_bits())], [rows; 2]);
            for at in 0..rows {
                column[at] = [0.02, -0.01, f64::NAN][at % 3];
                column[rows - 1] = 7.0;
                assert_eq!([equal_rows(&column, 0.01f64.to_bits()), count(&column, 0.01f64.to_bits())], [at; 2], "{rows} rows");
                (column[at], column[rows - 1]) = (0.01, 0.01);
            }
        }
    }

    #[test]
    fn bits_are_compared_and_not_numbers() {
        let mut column = vec![f64::NAN; 40];
        assert_eq!(equal_rows(&column, f64::NAN.to_bits()), 40);
        column.fill(0.0);
        column[33] = -0.0;
        assert_eq!(equal_rows(&column, 0), 33);
    }
}
