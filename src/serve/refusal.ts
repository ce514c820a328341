/** Answers other than 2xx: always JSON, with a code for programs, and what to do for people. */
import { z } from "zod";

/** Code in the body → status. */
export const REFUSALS = {
  bad_json: 400,
  bad_request: 400,
  unauthorized: 401,
  not_found: 404,
  unknown_task: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  too_large: 413,
  unsupported_media_type: 415,
  wrong_host: 421,
  invalid: 422,
  busy: 429,
  headers_too_large: 431,
  internal: 500,
  not_graded: 503,
  shutting_down: 503,
} as const;
export type RefusalCode = keyof typeof REFUSALS;

/** Seconds after which a client may try again. */
const RETRY_AFTER: Partial<Record<RefusalCode, number>> = { busy: 1, not_graded: 1, shutting_down: 5 };

export const ErrorReply = z.strictObject({
  error: z.strictObject({
    code: z.enum(Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]]).describe("stable: for programs"),
    message: z.string().describe("what came, and what was expected"),
    hint: z.string().nullable().describe("what to do about it"),
  }),
});
export type ErrorReply = z.infer<typeof ErrorReply>;

/** Thrown by a handler to answer with something else than 200. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly hint: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: RefusalCode, message: string, hint: string | null = null, headers: Record<string, string> = {}) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.hint = hint;
    const retryAfter = RETRY_AFTER[code];
    this.headers = retryAfter === undefined ? headers : { "retry-after": `${retryAfter}`, ...headers };
  }

  get status(): (typeof REFUSALS)[RefusalCode] {
    return REFUSALS[this.code];
  }

  get body(): ErrorReply {
    return { error: { code: this.code, message: this.message, hint: this.hint } };
  }
}

const LONGEST_LIST = 10;

/** Issues of a schema as one line: `items[0].id: expected string, received number; …`. */
export function issueText(error: z.ZodError): string {
  const lines = error.issues.map(({ path, message }) => {
    const at = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
    const text = message.replace(/^Invalid input: /, "");
    return at === "" ? text : `${at.replace(/^\./, "")}: ${text}`;
  });
  const more = lines.length > LONGEST_LIST ? [`and ${lines.length - LONGEST_LIST} more`] : [];
  return shorten([...lines.slice(0, LONGEST_LIST), ...more].join("; "));
}

const LONGEST_TEXT = 500;

/** Keeps what a client sent from filling messages and logs. */
export function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`;
}
