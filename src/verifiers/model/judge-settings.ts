/** What judges of every kind are told besides their question. */
import type { Extract } from "../answer-tag.ts";
import { afterThink } from "../answer-tag.ts";
import type { ChatSettings } from "./chat.ts";
import { type Screen, screenAnswer } from "./screen.ts";
import { type ModelServer, type ModelServerSettings, modelServer } from "./server.ts";

export interface JudgeSettings {
  /** Where the model runs. Judges that share one `modelServer(…)` share its limits. */
  readonly server: ModelServerSettings | ModelServer;
  readonly model: string;
  /** Sent with every request; a try after a reply that is no verdict has the next one. 0 by default. */
  readonly seed?: number;
  /** Requests until a reply that is no verdict is taken as the last word, 3 by default. */
  readonly tries?: number;
  /** Longest reply in tokens, 1,024 by default. */
  readonly maxTokens?: number;
  /**
   * How the shape of the reply is asked for. With "json-schema" a server that guides decoding cannot be led to anything
   * else, which is why it is the default; "json-object" and "words" are for servers that refuse it.
   */
  readonly format?: "json-schema" | "json-object" | "words";
  /** Fields of the request that a server wants besides ours, or instead; undefined leaves one out. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** What of a completion is shown to the judge: by default, what follows the reasoning. Not found is graded, as unparsed. */
  readonly extract?: Extract;
  /** Texts that are refused without asking: by default those that hold no answer, or that instruct the grader. */
  readonly screen?: Screen;
  /** Longer texts are refused without asking, 20,000 characters by default: they must fit the judge's context. */
  readonly maxCharacters?: number;
  /** Verdicts held in memory (10,000 by default), and a file that keeps them from run to run. */
  readonly cache?: { readonly capacity?: number; readonly store?: string };
}

/** `JudgeSettings` with nothing left open. */
export interface Judge {
  readonly server: ModelServer;
  readonly chat: ChatSettings;
  readonly seed: number;
  readonly tries: number;
  readonly format: NonNullable<JudgeSettings["format"]>;
  readonly extract: Extract;
  /** Why a text is refused without asking, null if it is not. */
  readonly screen: Screen;
}

export function judgeOf(settings: JudgeSettings): Judge {
  const { server, model, seed = 0, tries = 3, maxTokens = 1024, format = "json-schema", body } = settings;
  const { extract = spoken, screen = screenAnswer, maxCharacters = 20_000 } = settings;
  return {
    server: "post" in server ? server : modelServer(server),
    chat: { model, maxTokens, body },
    seed,
    tries,
    format,
    extract,
    screen: (text, asked) =>
      text.length > maxCharacters
        ? `the text has ${text.length} characters, the judge reads ${maxCharacters}`
        : screen(text, asked),
  };
}

/** The request's fields that ask for this shape. */
export function formatFields(format: Judge["format"], name: string, schema: object): Record<string, unknown> {
  switch (format) {
    case "json-schema":
      return { response_format: { type: "json_schema", json_schema: { name, strict: true, schema } } };
    case "json-object":
      return { response_format: { type: "json_object" } };
    case "words":
      return {};
  }
  format satisfies never;
}

/** What a reader sees of a completion: all that follows its reasoning. */
const spoken: Extract = (completion) => {
  const answer = afterThink(completion);
  return answer === null ? { found: false, reason: "<think> is never closed" } : { found: true, answer: answer.trim() };
};
