/** Words to sort: short, of small letters, many of them alike at the beginning. */
export const WORDS: readonly string[] = (
  "able acid acorn acre actor adapt add after again age agent agree air alarm album alert alike alive allow almond alone " +
  "along alpha amber amount angle animal ankle answer apple apron arch area arena argue arm army arrow art ash atlas atom " +
  "aunt autumn awake axis bacon badge bag bake ball bamboo banana band bank barn barrel base basin basket bath beach bead " +
  "beam bean bear beast bed bee beetle bell belt bench berry bird blade blank blaze bloom board boat bone book boot border " +
  "bottle bowl box brain branch brave bread brick bridge bright broom brush bucket bulb bush butter button cabin cable cactus " +
  "cake calm camel camera camp canal candle candy canoe canvas cape car card cargo carpet carrot cart castle cat cave cedar " +
  "cell cement chain chair chalk charm chart cheese cherry chest chick child chin circle city clay clean clever cliff climb " +
  "clock cloud clover coach coal coast coat cobra coffee coin color comb copper coral cord corn corner cotton couch cover " +
  "cow crab craft crane cream creek crew cross crown crystal cube cup curtain curve dance dawn deer delta desert desk diamond " +
  "dinner dish doctor dog doll dolphin door dragon dream dress drum duck dust eagle early earth east echo edge egg elbow " +
  "empty engine"
).split(" ");
