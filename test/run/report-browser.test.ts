/** The report in a real Chromium. */
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { writeReport } from "../../src/run/report.ts";
import { findChromium } from "./chromium.ts";
import { HOSTILE, writeSmallRun } from "./small-run.ts";
import { temporaryFolder } from "./temporary.ts";

const root = temporaryFolder();
const found = findChromium();
let browser: Browser | undefined;
let finished: string;
let begun: string;

beforeAll(async () => {
  if ("path" in found) {
    browser = await chromium.launch({ executablePath: found.path, args: ["--no-sandbox", "--disable-gpu"] });
  }
  finished = await writeReport(writeSmallRun({ root, name: "finished" }));
  begun = await writeReport(writeSmallRun({ root, name: "begun", steps: 0, finished: false }));
});
afterAll(async () => await browser?.close());

interface Opened {
  readonly page: Page;
  /** Console errors, exceptions, and requests for anything but the file. */
  readonly complaints: string[];
}

async function open(
  context: TestContext,
  path: string,
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<Opened> {
  if (!browser) context.skip("missing" in found ? found.missing : undefined);
  const page = await browser!.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const complaints: string[] = [];
  const url = pathToFileURL(path).href;
  page.on("console", (message) => message.type() !== "log" && complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("request", (request) => request.url() !== url && complaints.push(`request: ${request.url()}`));
  await page.goto(url);
  return { page, complaints };
}

/** Leaves the page, so that late errors are heard, and says what was wrong. */
async function complaintsOf({ page, complaints }: Opened): Promise<string[]> {
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
  await page.close();
  return complaints;
}

describe("report.html", () => {
  test.for([
    [1280, "light"],
    [1280, "dark"],
    [400, "light"],
    [320, "dark"],
  ] as const)("at %i px, %s: no error, no request, no scrolling to the side", async ([width, colorScheme], context) => {
    const opened = await open(context, finished, { viewport: { width, height: 800 }, colorScheme });
    expect(await opened.page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    expect(await opened.page.locator(".chart").count()).toBe(16);
    expect(await complaintsOf(opened)).toEqual([]);
  });

  test("a run that has only begun has a page without errors", async (context) => {
    const opened = await open(context, begun);
    expect(await opened.page.locator("h1").textContent()).toBe("begun");
    expect(await opened.page.locator("h2").allTextContents()).toEqual(["Settings"]);
    expect(await complaintsOf(opened)).toEqual([]);
  });

  test("a completion that holds markup is shown as text and runs nothing", async (context) => {
    const opened = await open(context, finished);
    await opened.page.selectOption("#sort", "oldest");
    const texts = await opened.page.locator("#samples pre:not(.prompt)").allTextContents();
    expect(texts).toContain(HOSTILE);
    expect(await opened.page.evaluate("[window.owned, document.images.length, document.scripts.length]")).toEqual([
      undefined,
      0,
      2,
    ]);
    expect(await complaintsOf(opened)).toEqual([]);
  });

  test("a script that got into the page after all is stopped by its policy", async (context) => {
    const { page, complaints } = await open(context, finished);
    await page.evaluate(
      "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.owned = 3' }))",
    );
    expect(await page.evaluate("window.owned")).toBeUndefined();
    expect(complaints.join()).toContain("Content Security Policy");
    await page.close();
  });

  test("completions are filtered, sorted, searched and paged", async (context) => {
    const { page } = await open(context, finished);
    const chips = (words: string) => page.locator("#samples .chip", { hasText: words }).count();
    const first = () => page.locator("#samples .sample-head").first().textContent();
    expect(await page.locator(".sample").count()).toBe(10);

    await page.getByRole("button", { name: "Wrong" }).click();
    expect([await chips("incorrect"), await chips("unparsed"), await chips("truncated")]).toEqual([10, 0, 0]);
    await page.getByRole("button", { name: "Not graded" }).click();
    expect(await page.locator("#sample-status").textContent()).toBe("3 of 3");
    expect(await page.locator("#samples .reason").first().textContent()).toBe(
      "the sandbox could not start: out of file handles",
    );
    await page.getByRole("button", { name: "Truncated" }).click();
    expect(await chips("truncated, unparsed")).toBeGreaterThan(3);

    await page.getByRole("button", { name: "All" }).click();
    await page.selectOption("#sort", "oldest");
    expect(await first()).toContain("step 1reward");
    await page.selectOption("#sort", "newest");
    expect(await first()).toContain("step 120reward");
    await page.selectOption("#sort", "highest");
    expect(await first()).toContain("reward 1advantage");
    await page.selectOption("#sort", "lowest");
    expect(await first()).toContain("reward 0advantage");

    await page.fill("#search", "chain-120/3");
    expect(await page.locator("#sample-status").textContent()).toBe("1 of 1");
    await page.fill("#search", "nobody wrote this");
    expect(await page.locator("#sample-status").textContent()).toBe("No completion fits.");
    await page.fill("#search", "");
    await page.click("#more");
    expect(await page.locator(".sample").count()).toBe(30);
    await page.close();
  });

  test("a pointer on one curve reads the same step on all of them", async (context) => {
    const { page } = await open(context, finished);
    const legend = (title: string) =>
      page.locator(".chart", { has: page.getByRole("heading", { name: title, exact: true }) }).locator(".legend");
    const last = await legend("Reward").textContent();
    await page
      .locator(".plot")
      .first()
      .hover({ position: { x: 46, y: 60 } });
    expect(await legend("Reward").textContent()).toContain(" at 1");
    expect(await legend("Entropy").textContent()).toContain(" at 1");
    expect(await legend("Held-out accuracy").textContent()).toContain(" at 15");
    await page.mouse.move(0, 0);
    expect(await legend("Reward").textContent()).toBe(last);
    await page.close();
  });

  test("a value that is not finite is marked", async (context) => {
    const { page } = await open(context, finished);
    expect(await page.locator(".not-finite").count()).toBe(1);
    await page.close();
  });

  test("smoothing can be turned off", async (context) => {
    const { page } = await open(context, finished);
    expect(await page.locator(".curve.raw").count()).toBeGreaterThan(10);
    await page.getByLabel("Smooth").uncheck();
    expect(await page.locator(".curve.raw").count()).toBe(0);
    await page.close();
  });

  test("the table has figures and intervals of summary.json", async (context) => {
    const { page } = await open(context, finished);
    const row = page.locator("tr", { hasText: "pass@1" }).locator("td");
    expect((await row.allTextContents()).slice(0, 3)).toEqual(["31.1 %27.2 – 35.1 %", "94.1 %91.7 – 96.2 %", "+63.0"]);
    await page.close();
  });
});
