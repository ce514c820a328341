/** Python for trainers that call functions rather than a URL: generated for a task, standard library only. */
import type { ServedTask } from "./served-task.ts";

export interface ShimOptions {
  /** Where the server listens, unless RLVR_URL says otherwise. */
  readonly url: string;
}

export const SHIMS = ["trl", "verl", "openrlhf", "slime"] as const;
export type Shim = (typeof SHIMS)[number];

/** Source of a Python module. */
export function shimOf(shim: Shim, served: ServedTask, { url }: ShimOptions): string {
  const { name } = served.task;
  const parts: Parts = { name, call: identifier(name), fields: fieldsOf(served), url };
  const { trainer, use, imports, body } = WRITERS[shim](parts);
  return [
    `# Rewards of the rlvr task ${JSON.stringify(name)} for ${trainer}, from a running \`rlvr serve\`.`,
    `# Use: ${use}`,
    `import ${imports.toSorted().join(", ")}`,
    "",
    client(parts),
    body,
  ].join("\n");
}

interface Parts {
  readonly name: string;
  /** The task's name as a Python identifier. */
  readonly call: string;
  /** Fields of the task's rows. */
  readonly fields: readonly string[];
  readonly url: string;
}

interface Written {
  readonly trainer: string;
  /** The trainer's setting that names this module. */
  readonly use: string;
  readonly imports: readonly string[];
  readonly body: string;
}

/** Proxies are for other hosts; a token is ignored by a server that asks for none. */
function client({ url }: Parts): string {
  return `URL = os.environ.get("RLVR_URL", ${JSON.stringify(url)})
HEADERS = {"content-type": "application/json", "authorization": "Bearer " + os.environ.get("RLVR_TOKEN", "")}


def post(path, body):
    request = urllib.request.Request(URL + path, json.dumps(body, default=str).encode(), HEADERS)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=180) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        raise RuntimeError(error.read().decode()) from None
`;
}

function grade({ name, fields }: Parts): string {
  const names = [...fields, "id", "split"].map((field) => JSON.stringify(field)).join(", ");
  return `
FIELDS = [${names}]  # of the data set: what makes a row of the task, or names one


def grade(items):
    reply = post("/v1/verify", {"task": ${JSON.stringify(name)}, "items": items})
    results = {result["id"]: result for result in reply["results"]}
    return [results[item["id"]] for item in items]  # by id, never by position

`;
}

const RAISE = `    if result["reward"] is None:  # never 0: what was not graded says nothing about the policy
        raise RuntimeError("not graded: " + result["error"]["message"])`;

const WRITERS: Readonly<Record<Shim, (parts: Parts) => Written>> = {
  trl: (parts) => ({
    trainer: "TRL",
    use: `GRPOTrainer(reward_funcs=[${parts.call}], ...)`,
    imports: ["json", "os", "urllib.error", "urllib.request", "warnings"],
    body: `${grade(parts)}
def ${parts.call}(prompts, completions, **columns):
    answers = next((columns[name] for name in ("answer", "label", "ground_truth", "solution") if name in columns), None)
    items = []
    for i, (prompt, completion) in enumerate(zip(prompts, completions, strict=True)):
        meta = {name: columns[name][i] for name in FIELDS if name in columns}
        answer = None if answers is None else answers[i]
        items.append({"id": str(i), "prompt": prompt, "completion": completion, "answer": answer, "meta": meta})
    results = [result for start in range(0, len(items), 256) for result in grade(items[start : start + 256])]
    for error in [result["error"] for result in results if result["error"]]:
        warnings.warn("rlvr: not graded (" + error["kind"] + "): " + error["message"])
    return [result["reward"] for result in results]  # None = not graded: TRL 1.16 leaves it out
`,
  }),
  verl: (parts) => ({
    trainer: "verl",
    use: "custom_reward_function.path=<this file> custom_reward_function.name=compute_score",
    imports: ["json", "os", "urllib.error", "urllib.request"],
    body: `${grade(parts)}
def compute_score(data_source, solution_str, ground_truth, extra_info=None, **_):
    meta = {name: value for name, value in (extra_info or {}).items() if name in FIELDS}
    [result] = grade([{"id": "0", "completion": solution_str, "answer": ground_truth, "meta": meta}])
${RAISE}
    return {"score": result["reward"], "acc": float(result["pass"])}
`,
  }),
  openrlhf: ({ name }) => ({
    trainer: "OpenRLHF",
    use: "--reward.remote_url <this file>; the server's own URL and /get_reward needs no file",
    imports: ["json", "os", "urllib.error", "urllib.request"],
    body: `

def reward_func(queries, prompts, labels, **_):  # raises for what was not graded: it has no reward, and never 0
    return post("/${encodeURIComponent(name)}/get_reward", {"query": queries, "prompts": prompts, "labels": labels})
`,
  }),
  slime: (parts) => ({
    trainer: "slime",
    use: `--custom-rm-path <module>.${parts.call}; --rm-type remote_rm with the server's URL and /rm needs no file`,
    imports: ["asyncio", "json", "os", "urllib.error", "urllib.request"],
    body: `${grade(parts)}
async def ${parts.call}(args, sample, **_):
    meta = {name: value for name, value in (sample.metadata or {}).items() if name in FIELDS}
    item = {"id": "0", "prompt": sample.prompt, "completion": sample.response, "answer": sample.label, "meta": meta}
    [result] = await asyncio.to_thread(grade, [item])
${RAISE}
    return result["reward"]
`,
  }),
};

const KEYWORDS =
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  );
/** Names that the module uses itself. */
const TAKEN = [
  "grade",
  "json",
  "os",
  "urllib",
  "warnings",
  "asyncio",
  "zip",
  "str",
  "next",
  "range",
  "len",
  "enumerate",
];

function identifier(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_]/g, "_");
  return /^[A-Za-z_]/.test(plain) && ![...KEYWORDS, ...TAKEN].includes(plain) ? plain : `task_${plain}`;
}

function fieldsOf({ rowSchema }: ServedTask): string[] {
  return Object.keys(rowSchema.properties ?? {}).filter((name) => name !== "id" && name !== "split");
}
