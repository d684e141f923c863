use super::{CRYPTO_PRO_A, Constants, Curve, GostTestKey, TC26_512_A, constant, is_zero};

/// The example of RFC 7091 section 7, which is GOST R 34.10-2012 A.1.
fn example_256() -> (Curve, [&'static str; 5]) {
    let curve = Curve::new(&Constants {
        width: 32,
        p: "8000000000000000000000000000000000000000000000000000000000000431",
        a: "7",
        b: "5FBFF498AA938CE739B8E022FBAFEF40563F6E6A3472FC2A514C0CE9DAE23B7E",
        q: "8000000000000000000000000000000150FE8A1892976154C59CFC193ACCF5B3",
        x: "2",
        y: "08E2A8A0E65147D4BD6316030E16D19C85C97F0A9CA267122B96ABBCEA7E8FC8",
    });
    let numbers = [
        "7F2B49E270DB6D90D8595BEC458B50C58585BA1D4E9B788F6689DBD8E56FD80B",
        "26F1B489D6701DD185C8413A977B3CBBAF64D1C593D26627DFFB101A87FF77DA",
        "2DFBC1B372D89A1188C09C52E0EEC61FCE52032AB1022E8E67ECE6672B043EE5",
        "41AA28D2F1AB148280CD9ED56FEDA41974053554A42767B83AD043FD39DC0493",
        "01456C64BA4642A1653C235A98A60249BCD6D3F746B631DF928014F6C5BF9C40",
    ];
    (curve, numbers)
}

/// The example of GOST R 34.10-2012 A.2.
fn example_512() -> (Curve, [&'static str; 5]) {
    let curve = Curve::new(&Constants {
        width: 64,
        p: "4531ACD1FE0023C7550D267B6B2FEE80922B14B2FFB90F04D4EB7C09B5D2D15DF1D852741AF4704A0458047E80E4546D35B8336FAC224DD81664BBF528BE6373",
        a: "7",
        b: "1CFF0806A31116DA29D8CFA54E57EB748BC5F377E49400FDD788B649ECA1AC4361834013B2AD7322480A89CA58E0CF74BC9E540C2ADD6897FAD0A3084F302ADC",
        q: "4531ACD1FE0023C7550D267B6B2FEE80922B14B2FFB90F04D4EB7C09B5D2D15DA82F2D7ECB1DBAC719905C5EECC423F1D86E25EDBE23C595D644AAF187E6E6DF",
        x: "24D19CC64572EE30F396BF6EBBFD7A6C5213B3B3D7057CC825F91093A68CD762FD60611262CD838DC6B60AA7EEE804E28BC849977FAC33B4B530F1B120248A9A",
        y: "2BB312A43BD2CE6E0D020613C857ACDDCFBF061E91E5F2C3F32447C259F39B2C83AB156D77F1496BF7EB3351E1EE4E43DC1A18B91B24640B6DBB92CB1ADD371E",
    });
    let numbers = [
        "115DC5BC96760C7B48598D8AB9E740D4C4A85A65BE33C1815B5C320C854621DD5A515856D13314AF69BC5B924C8B4DDFF75C45415C1D9DD9DD33612CD530EFE1",
        "37C7C90CD40B0F5621DC3AC1B751CFA0E2634FA0503B3D52639F5D7FB72AFD61EA199441D943FFE7F0C70A2759A3CDB84C114E1F9339FDF27F35ECA93677BEEC",
        "3754F3CFACC9E0615C4F4A7C4D8DAB531B09B6F9C170C533A71D147035B0C5917184EE536593F4414339976C647C5D5A407ADEDB1D560C4FC6777D2972075B8C",
        "2F86FA60A081091A23DD795E1E3C689EE512A3C82EE0DCC2643C78EEA8FCACD35492558486B20F1C9EC197C90699850260C93BCBCD9C5C3317E19344E173AE36",
        "1081B394696FFE8E6585E7A9362D26B6325F56778AADBC081C0BFBE933D52FF5823CE288E8C4F362526080DF7F70CE406A6EEB1F56919CB92A9853BDE73E5B4A",
    ];
    (curve, numbers)
}

#[test]
fn the_examples_of_the_standard_are_accepted() {
    for (curve, numbers) in [example_256(), example_512()] {
        let [x, y, e, r, s] = numbers.map(constant);
        assert!(curve.accepts((&x, &y), &e, (&r, &s)), "{} bytes", curve.width);
    }
}

#[test]
fn an_example_with_any_number_changed_is_refused() {
    for (curve, numbers) in [example_256(), example_512()] {
        for changed in 0..5 {
            let mut numbers = numbers.map(constant);
            numbers[changed] = numbers[changed].wrapping_add(&constant("1"));
            let [x, y, e, r, s] = numbers;
            assert!(!curve.accepts((&x, &y), &e, (&r, &s)), "number {changed}");
        }
    }
}

#[test]
fn halves_of_a_signature_are_above_zero_and_below_the_order() {
    let (curve, numbers) = example_256();
    let [x, y, e, r, s] = numbers.map(constant);
    let q = *curve.order.modulus().as_ref();
    let zero = constant("0");
    for (r, s) in [(zero, s), (r, zero), (q, s), (r, q), (r.wrapping_add(&q), s), (r, s.wrapping_add(&q))] {
        assert!(!curve.accepts((&x, &y), &e, (&r, &s)));
    }
}

#[test]
fn a_key_off_the_curve_is_refused() {
    let (curve, numbers) = example_512();
    let [x, y, ..] = numbers.map(constant);
    assert!(curve.point(&x, &y).is_some());
    assert!(curve.point(&y, &x).is_none());
    assert!(curve.point(&x.wrapping_add(curve.field.modulus().as_ref()), &y).is_none());
    assert!(!TC26_512_A.is_key(&[0; 128]));
    assert!(!TC26_512_A.is_key(&[0; 127]));
    assert!(!TC26_512_A.is_key(&[]));
}

#[test]
fn the_base_points_lie_on_their_curves_and_have_their_order() {
    for curve in [&*TC26_512_A, &*CRYPTO_PRO_A, &example_256().0, &example_512().0] {
        let (x, y) = (curve.base.x.retrieve(), curve.base.y.retrieve());
        assert!(curve.point(&x, &y).is_some());
        let q = *curve.order.modulus().as_ref();
        let zero = constant("0");
        assert!(is_zero(&curve.combined(&q, &zero, &curve.base).z));
        let before = curve.combined(&q.wrapping_sub(&constant("1")), &zero, &curve.base);
        assert_eq!(curve.affine_x(&before), Some(x), "the opposite of the base point has its x");
        // Twice the base point, by both multipliers: the table's sum is a doubling then.
        let one = constant("1");
        let twice = curve.combined(&one, &one, &curve.base);
        assert_eq!(curve.affine_x(&twice), curve.affine_x(&curve.double(&curve.base)));
    }
}

#[test]
fn the_examples_of_the_standard_are_signed_as_the_standard_signs_them() {
    // The secret key and the one-time number.
    let secrets = [
        [
            "7A929ADE789BB9BE10ED359DD39A72C11B60961F49397EEE1D19CE9891EC3B28",
            "77105C9B20BCD3122823C8CF6FCC7B956DE33814E95B7FE64FED924594DCEAB3",
        ],
        [
            "0BA6048AADAE241BA40936D47756D7C93091A0E8514669700EE7508E508B102072E8123B2200A0563322DAD2827E2714A2636B7BFD18AADFC62967821FA18DD4",
            "0359E7F4B1410FEACC570456C6801496946312120B39D019D455986E364F365886748ED7A44B3E794434006011842286212273A6D14CF70EA3AF71BB1AE679F1",
        ],
    ];
    for ((curve, numbers), secret) in [example_256(), example_512()].into_iter().zip(secrets) {
        let [x, y, e, r, s] = numbers.map(constant);
        let [d, k] = secret.map(constant);
        assert_eq!(curve.multiple(&d), Some((x, y)), "{} bytes", curve.width);
        assert_eq!(curve.signature(&d, &e, &k), Some((r, s)), "{} bytes", curve.width);
    }
}

#[test]
fn a_test_key_signs_what_its_public_key_accepts() {
    let key = GostTestKey::new(&[7; 64]).unwrap();
    let public = key.public_key();
    assert!(TC26_512_A.is_key(&public));
    let signature = key.sign(&[9; 64], &[11; 64]).unwrap();
    assert!(TC26_512_A.verify(&public, &[9; 64], &signature));
    assert!(!TC26_512_A.verify(&public, &[8; 64], &signature));
    // The standard takes a digest of zero as one.
    let of_zero = key.sign(&[0; 64], &[11; 64]).unwrap();
    assert!(TC26_512_A.verify(&public, &[0; 64], &of_zero));
}

#[test]
fn secret_numbers_are_above_zero_and_below_the_order() {
    assert!(GostTestKey::new(&[0; 64]).is_none());
    assert!(GostTestKey::new(&[0xFF; 64]).is_none());
    let key = GostTestKey::new(&[7; 64]).unwrap();
    assert!(key.sign(&[9; 64], &[0; 64]).is_none());
    assert!(key.sign(&[9; 64], &[0xFF; 64]).is_none());
    assert_eq!(format!("{key:?}"), "GostTestKey(..)");
}
