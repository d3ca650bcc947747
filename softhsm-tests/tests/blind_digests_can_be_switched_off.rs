//! Where the administrator allows no blind digests, neither `SignDigest` nor `SignBatch` signs one, and nobody is asked
//! anything; what the service sees is signed as ever.

use ukey_dbus::{ErrorKind, KeyKind};
use ukey_softhsm_tests::{Call, Fixture, no_options, refusal, staged};

#[test]
fn alone_and_in_batches() {
    staged(async || {
        let fixture = Fixture::builder().lab(|_, _| ()).config("[signing]\nblind-digests = false\n").start().await;
        let certificate = fixture.certificate(KeyKind::EcP256).await;
        for logged_in in [false, true] {
            if logged_in {
                fixture.log_in().await;
            }
            let refused = certificate.sign_digest("ECDSA-SHA256", &[1; 32], no_options()).await;
            assert_eq!(refusal(refused), ErrorKind::NotAuthorized);
            let refused = certificate.sign_batch("ECDSA-SHA256", &[&[1; 32], &[2; 32]], no_options()).await;
            assert_eq!(refusal(refused), ErrorKind::NotAuthorized);
            assert_eq!(fixture.pinentry().dialogs().len(), usize::from(logged_in));
        }
        assert_eq!(fixture.lab().count(Call::Sign), 0);
        certificate.sign_data("ECDSA-SHA256", b"order", no_options()).await.unwrap();
        assert_eq!(fixture.lab().count(Call::Sign), 1);
    });
}
