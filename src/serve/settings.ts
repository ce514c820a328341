/** Settings of the reward server: what it serves, to whom, and its limits. */
import { z } from "zod";

export const ServeLimits = z.strictObject({
  bodyMb: z.number().positive().max(256).default(16).describe("largest body of a request, in megabytes"),
  memoryMb: z.number().positive().default(256).describe("bodies under way at the same time, together"),
  items: z.int().min(1).default(1024).describe("completions in one request"),
  completionChars: z.int().min(1).default(1_000_000).describe("longest completion, in UTF-16 code units"),
  concurrency: z.int().min(1).default(16).describe("verifiers under way at the same time, of all requests"),
  queue: z.int().min(1).default(8192).describe("completions waiting for a verifier; above it requests get 429"),
  itemTimeoutMs: z.int().min(1).default(30_000).describe("for one verdict, in milliseconds"),
  requestTimeoutMs: z.int().min(1).default(60_000).describe("for one request, its waiting included"),
  connections: z.int().min(1).default(1024).describe("open connections"),
});
export type ServeLimits = z.infer<typeof ServeLimits>;

const SHORTEST_TOKEN = 16;

export const ServeSettings = z.strictObject({
  tasks: z.array(z.string().min(1)).min(1).describe("names in tasks/, or paths of task folders"),
  host: z.string().min(1).default("127.0.0.1").describe("address to listen on; any but a loopback one needs a token"),
  port: z.int().min(0).max(65_535).default(8000).describe("0 = any free one"),
  token: z
    .string()
    .refine((token) => token === "" || token.length >= SHORTEST_TOKEN, `expected ${SHORTEST_TOKEN} characters or more`)
    .default("")
    .describe("what clients must send, as a bearer token or as a password; better given as RLVR_TOKEN"),
  seed: z.int().min(0).default(1).describe("seed of the rows that requests name by id"),
  indexRows: z.int().min(0).default(20_000).describe("rows of each split that can be named by id"),
  limits: ServeLimits.prefault({}),
});
export type ServeSettings = z.infer<typeof ServeSettings>;
