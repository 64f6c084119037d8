//! Two steps at the same time.

use std::thread;

use anyhow::{Result, bail};

/// Runs both and waits for both; the first error is returned, the left one before the right one.
pub fn run_both<A: Send, B: Send>(
    left: impl FnOnce() -> Result<A> + Send,
    right: impl FnOnce() -> Result<B> + Send,
) -> Result<(A, B)> {
    let (left, right) = thread::scope(|scope| {
        let right = scope.spawn(right);
        (left(), right.join())
    });
    match (left, right) {
        (left, Ok(right)) => Ok((left?, right?)),
        (_, Err(_)) => bail!("A build step panicked: see the message above."),
    }
}

#[cfg(test)]
mod tests {
    use super::run_both;

    #[test]
    fn both_results_or_the_first_error_are_returned() {
        let fail = |text: &'static str| move || Err::<(), _>(anyhow::Error::msg(text));
        assert_eq!(run_both(|| Ok(1), || Ok(2)).expect("both succeed"), (1, 2));
        assert_eq!(run_both(fail("left"), fail("right")).unwrap_err().to_string(), "left");
        assert_eq!(run_both(|| Ok(1), fail("right")).unwrap_err().to_string(), "right");
    }
}
