//! The directories that are compiled in, and how they are searched.

use super::banks::{self, bank_of_code};
use super::codes::{ACCOUNT_TYPES, COUNTRIES, LEGAL_FORMS, OWNERSHIP_FORMS, SECTORS};
use super::places::{Places, REGIONS, RESULTS_MAX, SOURCE, Settlement, all};
use super::table::TableError;
use super::*;

/// Names of a search in Russian, in their order.
fn names(found: &[Settlement<'_>]) -> Vec<String> {
    found.iter().map(|settlement| settlement.place.names.of(Language::Russian).to_owned()).collect()
}

#[test]
fn every_file_is_in_order_and_names_its_source_and_date() {
    Places::parse(SOURCE, REGIONS).unwrap();
    banks::parse(banks::SOURCE).unwrap();
    for text in [ACCOUNT_TYPES, COUNTRIES, LEGAL_FORMS, OWNERSHIP_FORMS, SECTORS] {
        Directory::parse(text).unwrap();
    }
    for text in
        [SOURCE, REGIONS, banks::SOURCE, ACCOUNT_TYPES, COUNTRIES, LEGAL_FORMS, OWNERSHIP_FORMS, SECTORS]
    {
        let head: String = text.lines().take_while(|line| line.starts_with('#')).collect();
        assert!(head.contains("Official source:"), "{head}");
        assert!(head.contains("Date:") || head.contains("Edition:"), "{head}");
        assert!(head.contains("To renew:"), "{head}");
    }
}

#[test]
fn the_country_has_twenty_regions_with_as_many_districts_as_the_classifier_says() {
    // Units right below each region in the edition of 18 September 2026, by the code of the region.
    let units = [12, 20, 13, 11, 8, 13, 11, 10, 13, 20, 9, 7, 13, 14, 17, 5, 13, 6, 8, 5];
    let regions = all().regions();
    assert_eq!(regions.len(), units.len());
    for (region, units) in regions.iter().zip(units) {
        let prefix = &region.code.to_string()[..2];
        let zeros = if ["71", "75", "79"].contains(&prefix) { "0000" } else { "00000" };
        let codes = SOURCE.lines().filter_map(|line| line.split('\t').next());
        let below = codes
            .filter(|code| code.starts_with(prefix) && code.ends_with(zeros) && !code.ends_with("0000000"));
        let below = below.filter(|code| zeros.len() == 4 || !code.ends_with("10000"));
        assert_eq!(below.count(), units, "{prefix}");
        assert_ne!(region.names.of(Language::English), region.names.of(Language::Russian));
    }
}

#[test]
fn a_name_is_found_on_any_keyboard_and_in_both_languages() {
    for typed in ["қарағанды", "караганды", "КАРАГАНДА", "г. Караганда", "Қарағанды қ.", " карага"]
    {
        let found = settlements(typed, 5);
        assert_eq!(found[0].code().to_string(), "351010000", "{typed}");
    }
    assert_eq!(names(&settlements("усть каменогорск", 5)), ["г. Усть-Каменогорск"]);
    assert_eq!(names(&settlements("оскемен", 5)), ["г. Усть-Каменогорск"]);
}

#[test]
fn one_letter_gives_cities_of_republican_significance_with_their_districts_first() {
    let found = settlements("а", RESULTS_MAX);
    let names = names(&found);
    assert_eq!(names[0], "г. Астана");
    assert!(names[1..7].iter().all(|name| name.contains("район")), "{names:?}");
    assert_eq!(names[7], "г. Алматы");
    assert_eq!(names[8], "Алмалинский район");
    let regional = names.iter().position(|name| name == "г. Аягоз").unwrap();
    let district_of_shymkent = names.iter().position(|name| name == "Аль-Фарабийский район").unwrap();
    assert!(district_of_shymkent < regional);
    let village_district = names.iter().position(|name| name == "Аккольский район").unwrap();
    assert!(regional < village_district, "towns come before districts");
}

#[test]
fn a_whole_name_comes_before_names_that_only_begin_so() {
    let found = names(&settlements("аксу", 10));
    assert_eq!(found[0], "г. Аксу");
    assert!(found.contains(&"Аксуский район".to_owned()));
    assert!(found.contains(&"район Ақсуат".to_owned()));
}

#[test]
fn regions_and_administrations_are_only_on_the_way() {
    let found = names(&settlements("кокшетау", 10));
    assert_eq!(found, ["г. Кокшетау"]);
    assert!(settlement("110000000").is_none());
    assert!(settlement("111000000").is_none());
    assert!(settlement("750000000").is_some());
}

#[test]
fn a_settlement_tells_the_whole_way_down_in_each_language() {
    let found = settlement("111010000").unwrap();
    assert_eq!(found.chain(Language::Russian), "Акмолинская область, Кокшетау г.а., г. Кокшетау");
    assert_eq!(found.chain(Language::Kazakh), "Ақмола облысы, Көкшетау қ.ә., Көкшетау қ.");
    assert_eq!(found.chain(Language::English), "Akmola region, Kokshetau city administration, Kokshetau");
    let district = settlement("351013100").unwrap();
    assert_eq!(
        district.chain(Language::Russian),
        "Карагандинская область, Караганда г.а., г. Караганда, район имени Казыбек би"
    );
    let city = settlement("750000000").unwrap();
    assert_eq!(city.chain(Language::Kazakh), "Алматы қ.");
    assert_eq!(city.chain(Language::English), "Almaty");
}

#[test]
fn a_kept_place_is_told_in_the_pages_language() {
    let kept = "Акмолинская область, Кокшетау г.а., г. Кокшетау, ул. Абая, 1";
    assert_eq!(told_place(kept, Language::Russian), kept);
    assert_eq!(told_place(kept, Language::Kazakh), "Ақмола облысы, Көкшетау қ.ә., Көкшетау қ., ул. Абая, 1");
    let told = "Akmola region, Kokshetau city administration, Kokshetau, ул. Абая, 1";
    assert_eq!(told_place(kept, Language::English), told);
    assert_eq!(told_place("г. Астана", Language::English), "Astana");
    for other in ["Berlin, Unter den Linden, 1", "", ", ", "г. Астанa"] {
        assert_eq!(told_place(other, Language::Kazakh), other);
    }
}

#[test]
fn whoever_reads_latin_names_finds_places_by_them() {
    assert_eq!(names(&settlements("kokshetau", 10)), ["г. Кокшетау"]);
    assert_eq!(names(&settlements("Ekibastuz", 10))[0], "г. Экибастуз");
}

#[test]
fn what_nobody_is_called_finds_nothing() {
    for typed in ["", "   ", "...", "ъъъ", "%", "'; --", &"а".repeat(10_000)] {
        assert!(settlements(typed, 10).is_empty(), "{typed:.10}");
    }
    assert!(settlements("а", 0).is_empty());
    assert_eq!(settlements("а", usize::MAX).len(), RESULTS_MAX);
    for code in ["", "11101000", "1110100000", "11101000x", "999999999", "+11010000"] {
        assert!(settlement(code).is_none(), "{code}");
    }
}

#[test]
fn the_official_file_is_read_down_to_villages() {
    // Columns and rows as in the official file, saved as text with tabs.
    let text = "te\tab\tcd\tef\thij\tk\tkaz_name\trus_name\tnn\n\
        610000000\t61\t00\t00\t000\t0\tТүркістан облысы\tТуркестанская область\t1\n\
        611600000\t61\t16\t00\t000\t0\tАрыс Қ.Ә.\tАрысь Г.А.\t1\n\
        611633000\t61\t16\t33\t000\t1\tАқдала а.о.\tАкдалинский с.о.\t1\n\
        611633100\t61\t16\t33\t100\t1\tАқдала а.\tс.Акдала\t1\n\
        613639100\t61\t36\t39\t100\t1\tАлмалы а.\tс.Алмалы\t1\n\
        613639180\t61\t36\t39\t180\t1\tБайжансай а.\tс.Байжансай\t1\n\
        613600000\t61\t36\t00\t000\t0\tБәйдібек ауданы\tрайон Байдибека\t1\n";
    let places = Places::parse(text, REGIONS).unwrap();
    let found = places.search("акдал", 10);
    assert_eq!(names(&found), ["с.Акдала"]);
    assert_eq!(
        found[0].chain(Language::Russian),
        "Туркестанская область, Арысь Г.А., Акдалинский с.о., с.Акдала"
    );
    let below_a_village = places.settlement("613639180").unwrap();
    assert_eq!(
        below_a_village.chain(Language::Kazakh),
        "Түркістан облысы, Бәйдібек ауданы, Алмалы а., Байжансай а."
    );
}

#[test]
fn broken_places_say_where() {
    let broken = |text: &str| Places::parse(text, REGIONS).unwrap_err();
    let region = "code\tru\tkk\n110000000\tа\tа\n";
    let twice = broken(&format!("{region}110000000\tб\tб\n"));
    assert_eq!(twice, TableError::Repeated { line: 3, code: "110000000".to_owned() });
    let orphan = broken(&format!("{region}120100000\tб\tб\n"));
    assert_eq!(orphan, TableError::Orphan { line: 3, code: "120100000".to_owned() });
    assert!(matches!(broken(&format!("{region}12\tб\tб\n")), TableError::Code { line: 3, .. }));
    assert_eq!(broken("code\tru\n110000000\tа\n"), TableError::NoColumn("kk"));
}

#[test]
fn banks_are_found_by_bic_and_by_any_part_of_the_name() {
    let bics = |typed: &str| banks(typed).iter().map(|bank| bank.bic.as_str()).collect::<Vec<_>>();
    assert_eq!(bics("hsbk"), ["HSBKKZKX"]);
    assert_eq!(bics("народн"), ["HSBKKZKX"]);
    assert_eq!(bics("халык банки"), ["HSBKKZKX"]);
    assert!(bics("казахстан").len() > 3);
    assert_eq!(bics("").len(), 33);
    assert!(bics("нет такого банка").is_empty());
    assert_eq!(bank(" casPKZKA ").unwrap().code, "722");
    assert!(bank("CASP").is_none());
    assert_eq!(bank_of_code("601").unwrap().names.of(Language::English), "АО «Народный Банк Казахстана»");
    assert_eq!(bank("KINCKZKA").unwrap().names.of(Language::Russian), "АО «Bank RBK»");
}

#[test]
fn a_list_of_banks_with_a_wrong_bic_is_refused() {
    let parse = |row: &str| banks::parse(&format!("bic\tcode\tru\tkk\n{row}\n"));
    assert!(parse("HSBKKZKX\t601\tа\tа").is_ok());
    for row in ["HSBKKZK\t601\tа\tа", "hsbkkzkx\t601\tа\tа", "HSBKKZKX\t61\tа\tа", "HS8KKZKX\t601\tа\tа"]
    {
        assert!(matches!(parse(row), Err(TableError::Code { line: 2, .. })), "{row}");
    }
    assert!(matches!(
        parse("HSBKKZKX\t601\tа\tа\nHSBKKZKA\t601\tа\tа"),
        Err(TableError::Repeated { line: 3, .. })
    ));
}

#[test]
fn short_classifiers_are_found_by_code() {
    assert_eq!(countries().find("KZ").unwrap().names.of(Language::Kazakh), "Қазақстан");
    assert_eq!(countries().entries().len(), 249);
    assert_eq!(
        legal_forms().find("20").unwrap().names.of(Language::English),
        "Limited liability partnership"
    );
    assert_eq!(sectors().entries().len(), 9);
    assert!(ownership_forms().find("private").is_some());
    assert!(account_types().find("current").is_some());
    assert!(account_types().find("").is_none());
}

#[test]
fn kbe_is_residency_and_sector() {
    let company = Kbe::parse("17").unwrap();
    assert_eq!(company.residency(), Residency::Resident);
    assert_eq!(
        company.sector().unwrap().names.of(Language::Russian),
        "Негосударственные нефинансовые организации"
    );
    assert_eq!(Kbe::of(Residency::NonResident, 9).unwrap().to_string(), "29");
    for text in ["", "1", "10", "37", "177", "1x", "١٧"] {
        assert_eq!(Kbe::parse(text), None, "{text}");
    }
    assert_eq!(Kbe::of(Residency::Resident, 0), None);
}
