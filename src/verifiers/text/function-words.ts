/**
 * The commonest function words of languages that share a script. A word that several languages have speaks for all of them,
 * so it decides nothing alone. Our own lists: articles, pronouns, prepositions, conjunctions, auxiliaries.
 */
const LISTS = {
  en:
    "the of and to in is that it for was on with as are be this by at from or have an not they which but we you his her " +
    "she he had were been has their will would there what so if can my who when all do its our your then than them these " +
    "those because how could should does did into about where why let us i",
  de:
    "der die das und ist nicht ein eine einen einem einer zu den dem des mit sich auf für von im wir ich sie er es als auch an " +
    "wie wird werden sind war aber bei nach aus wenn dass daß so man nur noch oder um über hat haben durch zum zur also dann " +
    "weil kann wurde mehr sein ihre seine unser kein keine muss soll gilt",
  fr:
    "le la les des du de et est un une en que qui dans pour pas ne sur au aux avec ce cette ces il elle nous vous ils elles je " +
    "se sont par plus son sa ses ou où mais on être a été leur leurs donc si comme tout tous alors car fait y " +
    "l d n qu j c",
  es:
    "el la los las de del y es un una en que por para no con se su sus al lo como más pero son está este esta estos estas ese " +
    "esa yo nosotros ellos ella hay fue ser ha muy también cuando entonces porque si entre todo todos sin sobre tiene cada o e " +
    "me te nos le les donde qué cómo",
  it:
    "il lo la gli le di del della dei delle degli e è un uno una in che per non con si su al alla come più ma sono questo questa " +
    "questi queste noi voi loro io ho ha hanno da dal dalla nel nella anche quando allora perché se tra tutto tutti ogni o ed " +
    "cui suo sua essere stato quindi i ci",
  pt:
    "o a os as de do da dos das e é um uma em no na nos nas que por para não com se seu sua seus suas ao à como mais mas são " +
    "está este esta isso nós eles ela ele eu foi ser tem muito também quando então porque entre todo todos sem sobre cada ou " +
    "lhe pelo pela qual onde já até",
  nl:
    "de het een en is van in dat niet te op aan met voor zijn er die wordt worden door als bij ook naar maar om we wij ik je " +
    "hij ze zij dit deze was waren heeft hebben kan uit dan nog of over zo wat wie waar omdat dus geen al meer onze hun moet " +
    "elk ieder tot",
  ru:
    "и в не на что он с как это по но они мы я из у за то все так его для от же о бы к вы она или ее её мне было был была были " +
    "если есть быть только уже когда может который которые этот эта эти чтобы потому при до их нет тогда где",
  uk:
    "і в не на що він з як це по але вони ми я із у за то всі так його для від же про б до ви вона або її мені було був була " +
    "були якщо є бути тільки вже коли може який які цей ця ці щоб тому при їх немає тоді де та й",
} as const;

export type WordyLanguage = keyof typeof LISTS;

/** Function word → the languages that have it. */
export const FUNCTION_WORDS: ReadonlyMap<string, readonly WordyLanguage[]> = (() => {
  const languages = new Map<string, WordyLanguage[]>();
  for (const [language, list] of Object.entries(LISTS) as [WordyLanguage, string][]) {
    for (const word of new Set(list.split(" "))) languages.set(word, [...(languages.get(word) ?? []), language]);
  }
  return languages;
})();
