//! A hint to the processor that an element is going to be read, so that it is in the cache by then.

/// Asks for the cache line of `column[at]`; beyond the end it does nothing. Values and order of everything else stay what they are.
#[inline(always)]
pub fn prefetch<T>(column: &[T], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(element) = column.get(at) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch reads nothing into the program and cannot fault; SSE is part of every x86-64.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(element).cast()) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (column, at);
}
