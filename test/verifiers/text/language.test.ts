/** The first article of the Universal Declaration of Human Rights (United Nations, in the public domain), and mixtures of it. */
import { describe, expect, test } from "vitest";
import { languageConsistency } from "../../../src/verifiers/text/language-consistency.ts";
import { LANGUAGES, type Language, languageShare } from "../../../src/verifiers/text/language-share.ts";
import { proseOf } from "../../../src/verifiers/text/prose.ts";

const ARTICLE: Record<Language, string> = {
  en: "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.",
  de: "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
  fr: "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
  es: "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse fraternalmente los unos con los otros.",
  it: "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di coscienza e devono agire gli uni verso gli altri in spirito di fratellanza.",
  pt: "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, devem agir uns para com os outros em espírito de fraternidade.",
  nl: "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand en geweten, en behoren zich jegens elkander in een geest van broederschap te gedragen.",
  ru: "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.",
  uk: "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю і повинні діяти у відношенні один до одного в дусі братерства.",
  zh: "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
  ja: "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。",
  ko: "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
  ar: "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميرًا وعليهم أن يعامل بعضهم بعضًا بروح الإخاء.",
  he: "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג איש ברעהו ברוח של אחווה.",
  el: "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.",
  hi: "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
  th: "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ",
};
const CODES = Object.keys(LANGUAGES) as Language[];

describe("languageShare", () => {
  test.each(CODES)("a text in %s is wholly that, and nothing else", (language) => {
    for (const other of CODES)
      expect(languageShare(ARTICLE[language], other).share, other).toBe(other === language ? 1 : 0);
  });

  test("of a mixture is in proportion to the words", () => {
    // 30 English words, 26 German, 39 Chinese characters, 20 Korean words
    const text = ["en", "de", "zh", "ko"].map((language) => ARTICLE[language as Language]).join("\n");
    expect(languageShare(text, "en")).toEqual({ share: 30 / 115, words: 115 });
    expect(languageShare(text, "de").share).toBeCloseTo(26 / 115, 12);
    expect(languageShare(text, "zh").share).toBeCloseTo(39 / 115, 12);
    expect(languageShare(text, "ko").share).toBeCloseTo(20 / 115, 12);
    expect(languageShare(text, "fr").share).toBe(0);
  });

  test("words of a sentence without function words go with the others of their script", () => {
    const text = "The sum of the two is odd. Great! La somme des deux est impaire.";
    // 7 English, 6 French decided, 1 undecided
    expect(languageShare(text, "en").share).toBeCloseTo((7 + 7 / 13) / 14, 12);
    expect(languageShare("Great!", "en").share).toBe(1);
    expect(languageShare("Great!", "ja").share).toBe(0);
  });

  test("a foreign word inside a sentence costs itself", () => {
    expect(languageShare("We have 数学 here", "en")).toEqual({ share: 3 / 5, words: 5 });
  });

  test("languages that alternate without any punctuation are told apart all the same", () => {
    const text = `${"the sum of these is what we have to find ".repeat(10)}${"la somme de tous les termes est dans ce livre ".repeat(10)}`;
    const english = languageShare(text, "en").share ?? 0;
    expect(english).toBeGreaterThan(0.35);
    expect(english).toBeLessThan(0.65);
  });

  test("is null where there is no word", () => {
    expect(languageShare("1 + 1 = 2 …", "en")).toEqual({ share: null, words: 0 });
  });
});

describe("proseOf", () => {
  test.each([
    ["a ```py\nprint(1)\n``` b", "a   b"],
    ["a `x` b", "a   b"],
    ["a $x$ b $$y$$ c \\(z\\) d \\[w\\] e", "a   b   c   d   e"],
    ["see https://example.com/a?b now", "see   now"],
    ["<think>a</think>b", " a b"],
    ["\\alpha and", "  and"],
    ["it costs $5", "it costs $5"],
    ["``` never closed", "``` never closed"],
    [`$${"word ".repeat(100)}$ b`, `$${"word ".repeat(100)}$ b`], // too long for a formula in a line
  ])("of %j is %j", (text, prose) => {
    expect(proseOf(text)).toBe(prose);
  });
});

describe("languageConsistency", () => {
  test("counts reasoning and answer, and neither code nor formulas", () => {
    const text = `<think>${ARTICLE.en}</think>\n\`\`\`python\nimprimer = la_somme(des, les)\n\`\`\`\n$x = y$`;
    expect(languageConsistency("en")(text)).toMatchObject({ reward: 1, outcome: "correct", metrics: { words: 30 } });
    expect(languageConsistency("en")(`<think>${ARTICLE.fr}</think>${ARTICLE.en}`)).toMatchObject({
      reward: expect.closeTo(30 / 63, 12), // the last French word stands in a stretch of its own
      outcome: "partial",
      reason: "47.6 % of 64 words are en",
    });
  });

  test("prose hidden in a code block shows as ignored", () => {
    const { metrics } = languageConsistency("en")(`The end.\n\`\`\`\n${ARTICLE.fr}\n\`\`\``);
    expect(metrics.ignored_share).toBeGreaterThan(0.9);
  });

  test("no prose pays nothing", () => {
    expect(languageConsistency("en")("$4$")).toMatchObject({ reward: 0, outcome: "unparsed" });
    expect(languageConsistency("en")("")).toMatchObject({ reward: 0, outcome: "unparsed" });
  });

  test("refuses a language that it does not know", () => {
    expect(() => languageConsistency("tlh" as Language)).toThrow(/the language is "tlh", expected one of en, de/);
  });
});
