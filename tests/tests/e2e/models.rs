//! `ofd import-models`: the state's list of models of registers comes into the store.

use std::fs;

use ofd_tests::process::{Setup, within};

const LIST: &str = "id;name;type;flag;date\n\
                    007;\"Касса «Алатау»; 2\";Касса;1;22.01.2026\n\
                    8;Касса «Шыңғыс»;Касса;0;22.01.2026\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_models_takes_the_place_of_the_one_before_and_says_what_came_of_it() {
    within(60, async {
        let setup = Setup::new(1);
        setup.start().await.stop().await;
        let import = async |text: &[u8]| {
            fs::write(setup.path("models.csv"), text).unwrap();
            setup.run(&["import-models", "models.csv"]).await
        };
        let told = async |text: &str, expected: &str| {
            let ended = import(text.as_bytes()).await;
            ended.expect_success();
            assert!(ended.text.contains(expected), "{}", ended.text);
        };
        told(LIST, "2 models read, 2 new, 0 changed, 0 not used any more").await;
        told(LIST, "2 models read, 0 new, 0 changed, 0 not used any more").await;
        let shorter = LIST.lines().take(2).collect::<Vec<_>>().join("\n").replace("2\"", "3\"");
        told(&shorter, "1 models read, 0 new, 1 changed, 0 not used any more").await;

        // Whatever is wrong with a file is told, and the list stays.
        import(b"id;name;type;flag;date\n7;\xca\xe0\xf1\xf1\xe0;1;1;22.01.2026\n")
            .await
            .expect_refusal(&["models.csv", "UTF-8"]);
        import(b"id;name;type;flag;date\n7;A;Till;3;22.01.2026\n")
            .await
            .expect_refusal(&["models.csv", "line 2"]);
        import(b"").await.expect_refusal(&["models.csv", "no model"]);
        setup.run(&["import-models", "absent.csv"]).await.expect_refusal(&["absent.csv", "cannot be read"]);
        told(&shorter, "1 models read, 0 new, 0 changed, 0 not used any more").await;
    })
    .await;
}
