/** Which engines and devices run on this machine: each is opened, asked for 1 + 1, and closed again. */
import { RlvrError } from "../errors.ts";
import type { Engine } from "./engine.ts";
import { DEVICES, openEngine } from "./open.ts";
import { installedVersion } from "./packages.ts";

export interface EngineReport {
  readonly engine: Engine["name"];
  readonly device: Engine["device"];
  readonly present: boolean;
  /** The package that does the work, with its version where it is installed. */
  readonly provider: string;
  /** Works, or should, but is not part of what each release is checked on. */
  readonly experimental: boolean;
  /** Why it is absent, and what to do about it. */
  readonly reason?: string;
  readonly hint?: string;
}

const PROVIDERS: Readonly<Record<Engine["name"], readonly string[]>> = {
  onnx: ["onnxruntime-node"],
  tensorflow: ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"],
  wasm: ["@tensorflow/tfjs-backend-wasm"],
  cpu: ["@tensorflow/tfjs"],
};

/** One row for each engine and device, the default one first. One after the other: a probe takes 0.1–0.5 s. */
export async function engineReport(): Promise<EngineReport[]> {
  const rows: EngineReport[] = [];
  for (const engine of Object.keys(DEVICES) as Engine["name"][]) {
    for (const device of DEVICES[engine]) {
      const experimental = device !== "cpu";
      rows.push({ engine, device, provider: provider(engine), experimental, ...(await probe(engine, device)) });
    }
  }
  return rows;
}

async function probe(
  engine: Engine["name"],
  device: Engine["device"],
): Promise<Pick<EngineReport, "present" | "reason" | "hint">> {
  try {
    const opened = await openEngine({ engine, device, executors: 1 });
    await opened.dispose();
    return { present: true };
  } catch (error) {
    if (!(error instanceof RlvrError)) throw error;
    return { present: false, reason: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}

function provider(engine: Engine["name"]): string {
  for (const name of PROVIDERS[engine]) {
    const version = installedVersion(name);
    if (version !== undefined) return `${name} ${version}`;
  }
  return PROVIDERS[engine].join(" or ");
}
