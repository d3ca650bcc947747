//! After random events, good and bad, on three Keys of two modules: no process, descriptor, thread or object is left over,
//! every answer was right or a named error that fits, every try that a Key counted is accounted for. Short; the program
//! `soak` does the same for hours.

use ukey_softhsm_tests::{Soak, staged};

#[test]
fn every_answer_is_right_and_nothing_is_left_over() {
    staged(async || {
        let report = Soak::new(120, 4).run().await;
        assert!(report.is_clean(), "{report}");
        assert!(report.kinds() >= 12, "too little has happened\n{report}");
        assert!(report.strict_answers() >= 20, "too little was held to a sound machine\n{report}");
    });
}
