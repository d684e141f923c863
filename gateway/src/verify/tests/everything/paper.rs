//! Papers: the bytes that a company names, and the signature under them.

use super::*;

#[tokio::test]
async fn a_paper_that_a_company_names_is_there_with_its_bytes_and_its_signature() {
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let store = &*shop.store;
    let stream = papers::stream_of(BIN, 1).unwrap();
    let before = store.rows(stream, b"", None, 9).await.unwrap();
    for (row, word) in
        [(&before[0], "its PDF is another one"), (&before[1], "a signature file is another one")]
    {
        let other = Row { key: row.key.clone(), value: Bytes::from_static(b"other") };
        put(store, stream, vec![other], 1).await;
        let told = breaks(store).await;
        assert!(told.iter().any(|told| told.contains(word)), "no {word:?} in {told:#?}");
        put(store, stream, vec![row.clone()], 2).await;
    }
    assert_eq!(breaks(store).await, Vec::<String>::new());
    add(store, stream, vec![Row { key: Bytes::from_static(&[9]), value: Bytes::new() }]).await;
    expect(&breaks(store).await, &["Paper 1 of", "of no known kind"]);
    // A company that names what is not there.
    let shop = filled(Arc::new(MemoryStore::new())).await;
    let company = Company::stream_of(BIN).unwrap();
    for (change, word) in [
        ((|paper| paper.number = 2) as fn(&mut Paper), "counts 1 papers and names paper 2"),
        (|paper| paper.pdf_hash = "00".repeat(32), "names other bytes"),
        (
            |paper| {
                let signature = PaperSignature { cms_hash: "00".repeat(32), at: NOW };
                paper.state = PaperState::Valid { signature, at: NOW };
            },
            "the signature under paper 1 is missing",
        ),
    ] {
        let kept = accounts::load::<Company>(&*shop.store, company).await.unwrap().unwrap();
        let (mut changed, whole) = (kept.state.clone(), kept.state.papers.clone());
        change(&mut changed.papers[0]);
        let kept = accounts::save(&*shop.store, &kept, changed, Vec::new(), Stamp([8; 16])).await.unwrap();
        let told = breaks(&*shop.store).await;
        assert!(told.iter().any(|told| told.contains(word)), "no {word:?} in {told:#?}");
        let back = Company { papers: whole, ..kept.state.clone() };
        accounts::save(&*shop.store, &kept, back, Vec::new(), Stamp([9; 16])).await.unwrap();
    }
}
