/** Small real tasks, and an app that serves them without a socket. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { defineTask, graded, notGraded } from "../../src/rollout/task.ts";
import {
  createApp,
  createContext,
  type RewardApp,
  type ServeContext,
  type ServedTask,
  type ServeLimits,
  serveTask,
} from "../../src/serve/index.ts";

const Letter = z.strictObject({ id: z.string(), letter: z.string().length(1) });

/** The first character decides what the verifier does: `!` throws, `?` abstains, `~` never comes back, `.` takes 50 ms. */
export const letters = defineTask({
  name: "letters",
  description: "write one letter",
  row: Letter,
  prompt: ({ letter }) => `Write ${letter}: `,
  async verify(completion, { letter }) {
    if (completion.startsWith("!")) throw new Error("the verifier broke");
    if (completion.startsWith("?")) return notGraded("abstained", "no opinion");
    if (completion.startsWith("~")) await new Promise(() => {});
    if (completion.startsWith(".")) await sleep(50);
    const share = completion === "" ? 0 : completion.split(letter).length - 1;
    const reward = completion === "" ? 0 : share / completion.length;
    const outcome = reward === 1 ? "correct" : reward === 0 ? "incorrect" : "partial";
    return graded(reward, outcome, completion, `${share} of ${completion.length} are ${letter}`, { share: reward });
  },
  load: (split) => [..."abc"].map((letter) => ({ id: `${split}-${letter}`, letter })),
  cases: [{ row: { id: "1", letter: "a" }, completion: "a", reward: 1 }],
  maxTokens: 4,
  stop: ["\n"],
});

/** Its rows do not load: a fault of ours. */
export const broken = {
  ...letters,
  name: "broken",
  load: () => {
    throw new Error("the disk is gone");
  },
};

/** Rows with an answer, and one more field. */
export const sums = defineTask({
  name: "sums",
  description: "a sum",
  row: z.strictObject({ id: z.string(), answer: z.int(), unit: z.string().default("m") }),
  prompt: ({ answer }) => `Which number is ${answer}?`,
  verify: (completion, { answer, unit }) => {
    const isRight = completion === `${answer} ${unit}`;
    return graded(isRight ? 2 : -1, isRight ? "correct" : "incorrect", completion, "compared");
  },
  load: (split) => [1, 2, 3].map((answer) => ({ id: `${split}-${answer}`, answer })),
  cases: [{ row: { id: "1", answer: 1 }, completion: "1 m", reward: 2 }],
  maxTokens: 4,
});

export interface Serving {
  readonly fetch: RewardApp;
  readonly context: ServeContext;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

export interface ServingOptions {
  readonly limits?: z.input<typeof ServeLimits>;
  readonly token?: string;
  readonly log?: (line: string) => void;
}

const HOST = "http://127.0.0.1:8000";

const SERVED = { seed: 1, indexRows: 100 };

export const served: Readonly<Record<"letters" | "broken" | "sums", ServedTask>> = {
  letters: serveTask(letters, SERVED),
  broken: serveTask(broken, SERVED),
  sums: serveTask(sums, SERVED),
};

export function serving(tasks: readonly ServedTask[], options: ServingOptions = {}): Serving {
  const context = createContext(tasks, options);
  const fetch = createApp(context, options);
  const ask = async (request: Request) => answerOf(await fetch(request));
  return {
    fetch,
    context,
    get: (path) => ask(new Request(HOST + path)),
    post: (path, body, headers = {}) => {
      const init = { method: "POST", body: JSON.stringify(body) };
      return ask(new Request(HOST + path, { ...init, headers: { "content-type": "application/json", ...headers } }));
    },
  };
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text), headers: response.headers };
}
