// Draws the report from the JSON beside it. Texts of the run become text nodes, never markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";

  /** An element with attributes and children; a string child is a text node. */
  function h(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }
  function svg(tag, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, tag), attributes, children);
  }
  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(name, value);
      else element.setAttribute(name, String(value));
    }
    element.append(...children.flat().filter((child) => child !== null));
    return element;
  }

  // ---- numbers as text

  const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
  function number(value, unit) {
    if (value === null) return "not finite";
    if (unit === "share") return percent(value);
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size < 1e-3 || size >= 1e6) return value.toExponential(1);
    return String(Number(value.toPrecision(size >= 1000 ? 4 : 3)));
  }
  const signed = (value) => (value > 0 ? "+" : "") + number(value);
  function duration(seconds) {
    if (seconds < 60) return `${seconds.toFixed(0)} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
    return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
  }

  // ---- head and figures

  function head() {
    const { manifest } = data;
    const session = manifest.sessions[0];
    const facts = [
      manifest.status,
      `started ${new Date(session.startedAt).toLocaleString()}`,
      manifest.sessions.length > 1 ? `resumed ${manifest.sessions.length - 1}×` : null,
      `seed ${manifest.seed}`,
      `engine ${manifest.engine}`,
      `rlvr ${session.versions.rlvr}`,
      session.commit === null
        ? null
        : `commit ${session.commit.slice(0, 10)}${session.commit.endsWith("+") ? "+" : ""}`,
    ].filter((fact) => fact !== null);
    return h(
      "header",
      {},
      h("h1", {}, data.name),
      h(
        "p",
        { class: "facts" },
        facts.map((fact) => h("span", {}, fact)),
      ),
    );
  }

  const MEASURES = [
    ["greedy", "Greedy"],
    ["pass1", "Sampled (pass@1)"],
    ["pass8", "Best of 8 (pass@8)"],
    ["maj8", "Majority of 8"],
  ];

  function results({ before, after, meanLength, seconds, steps, rollouts, tokens }) {
    const tile = (label, ...figure) =>
      h("div", { class: "card tile" }, h("div", { class: "figure" }, ...figure), h("div", { class: "label" }, label));
    const change = (from, to) => [h("span", { class: "from" }, `${from} → `), to];
    const row = ([key, label]) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, label),
        measured(before[key], before.ci95[key]),
        measured(after[key], after.ci95[key]),
        h("td", {}, changePoints(before[key], after[key])),
        h("td", { class: "range" }, range(before[key], before.ci95[key], after[key], after.ci95[key])),
      );
    const titles = ["Held-out accuracy", "Base", "Trained", "Points", "0 to 100 %"];
    return section(
      "results",
      "Before and after",
      `${after.n} held-out problems, ${after.samples} samples each; 95 % intervals`,
      h(
        "div",
        { class: "tiles" },
        tile("sampled held-out accuracy", ...change(percent(before.pass1, 0), percent(after.pass1, 0))),
        tile("tokens a completion", ...change(meanLength.before.toFixed(0), meanLength.after.toFixed(0))),
        tile(`${steps} steps of training`, duration(seconds)),
        tile(`completions, ${tokens.toLocaleString("en")} tokens`, rollouts.toLocaleString("en")),
      ),
      h(
        "div",
        { class: "card" },
        h(
          "table",
          { class: "figures" },
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              titles.map((title, i) =>
                h("th", { scope: "col", class: ["", "base", "trained", "", "range"][i] }, title),
              ),
            ),
          ),
          h("tbody", {}, MEASURES.map(row)),
        ),
      ),
    );
  }

  function changePoints(before, after) {
    const points = (100 * (after - before)).toFixed(1);
    return points.startsWith("-") ? points : `+${points}`;
  }

  function measured(value, [low, high]) {
    return h("td", {}, percent(value), h("small", {}, `${(100 * low).toFixed(1)} – ${percent(high)}`));
  }

  /** Two whiskers on a line from 0 to 100 %: gray before, colored after. */
  function range(before, beforeInterval, after, afterInterval) {
    const at = (share) => `${2 + 96 * share}%`;
    const whisker = (value, [low, high], y, mark) => [
      svg("line", { x1: at(low), x2: at(high), y1: y, y2: y, "stroke-width": 2, class: mark }),
      svg("circle", { cx: at(value), cy: y, r: 4, class: mark }),
    ];
    return svg(
      "svg",
      { height: 30, class: "whiskers", "aria-hidden": "true" },
      [0, 0.5, 1].map((share) => svg("line", { x1: at(share), x2: at(share), y1: 0, y2: 30, class: "grid" })),
      whisker(before, beforeInterval, 9, "base-mark"),
      whisker(after, afterInterval, 21, "trained-mark"),
    );
  }

  // ---- curves

  const MARGIN = { top: 8, right: 6, bottom: 20, left: 46 };
  const HEIGHT = 148;
  const FEW = 30; // points that are shown as dots and not smoothed
  const drawn = []; // charts on the page
  let smooth = data.charts.some((chart) => chart.lines.some((line) => line.steps.length > FEW));

  function curves() {
    const toggle = h("input", { type: "checkbox", id: "smooth" });
    toggle.checked = smooth;
    toggle.addEventListener("change", () => {
      smooth = toggle.checked;
      for (const chart of drawn) chart.draw();
    });
    const grid = h("div", { class: "charts" }, data.charts.map(chartCard));
    const part = section("curves", "Curves", "by training step; point at one to read all", grid);
    part.querySelector(".section-head").append(h("label", {}, toggle, "Smooth"));
    return part;
  }

  function chartCard(chart) {
    const plot = svg("svg", { class: "plot", role: "img", "aria-label": `${chart.title}: ${chart.meaning}` });
    const legend = h("div", { class: "legend" });
    const card = h(
      "div",
      { class: "card chart", title: `${chart.meaning} (${chart.unit})` },
      h("h3", {}, chart.title),
      legend,
      plot,
    );
    const self = {
      scale: null,
      draw: () => drawChart(chart, plot, self),
      read: (step) => readAt(chart, legend, plot, self, step),
    };
    plot.addEventListener("pointermove", (event) => {
      const step = self.scale.stepAt(event.clientX - plot.getBoundingClientRect().left);
      for (const other of drawn) other.read(step);
    });
    plot.addEventListener("pointerleave", () => {
      for (const other of drawn) other.read(null);
    });
    drawn.push(self);
    return card;
  }

  function drawChart(chart, plot, self) {
    const width = plot.clientWidth;
    if (width === 0) return;
    const scale = scaleOf(chart, width);
    self.scale = scale;
    plot.replaceChildren(
      ...scale.yTicks.flatMap((value) => [
        svg("line", {
          x1: MARGIN.left,
          x2: width - MARGIN.right,
          y1: scale.y(value),
          y2: scale.y(value),
          class: "grid",
        }),
        svg(
          "text",
          { x: MARGIN.left - 7, y: scale.y(value) + 4, "text-anchor": "end", class: "tick" },
          tick(value, chart.unit),
        ),
      ]),
      ...scale.xTicks.map((step) =>
        svg("text", { x: scale.x(step), y: HEIGHT - 3, "text-anchor": "middle", class: "tick" }, String(step)),
      ),
      ...[...chart.lines.keys()].reverse().flatMap((i) => curve(chart.lines[i], i, scale)),
    );
    self.read(null);
  }

  function curve(line, index, scale) {
    const style = `line-${index}`;
    const points = line.steps.map((step, i) => [step, line.values[i]]);
    const bad = points.filter(([, value]) => value === null);
    const marks = bad.map(([step]) => {
      const x = scale.x(step);
      return svg("line", {
        x1: x,
        x2: x,
        y1: HEIGHT - MARGIN.bottom - 8,
        y2: HEIGHT - MARGIN.bottom,
        class: "not-finite",
      });
    });
    if (points.length <= FEW) {
      const dots = points
        .filter(([, value]) => value !== null)
        .map(([step, value]) =>
          svg("circle", { cx: scale.x(step), cy: scale.y(value), r: 2.6, class: `dot ${style}` }),
        );
      return [svg("path", { d: path(points, scale), class: `curve ${style}` }), ...dots, ...marks];
    }
    const raw = svg("path", { d: path(points, scale), class: `curve ${style}${smooth ? " raw" : ""}` });
    if (!smooth) return [raw, ...marks];
    return [raw, svg("path", { d: path(smoothed(points), scale), class: `curve ${style}` }), ...marks];
  }

  function path(points, scale) {
    let pen = "M";
    return points
      .map(([step, value]) => {
        if (value === null) {
          pen = "M";
          return "";
        }
        const command = `${pen}${scale.x(step).toFixed(1)} ${scale.y(value).toFixed(1)}`;
        pen = "L";
        return command;
      })
      .join("");
  }

  /** Exponential moving average over about a fifteenth of the curve, without the pull towards 0 at its start. */
  function smoothed(points) {
    const keep = 1 - 2 / (Math.max(5, points.length / 15) + 1);
    let sum = 0;
    let weight = 0;
    return points.map(([step, value]) => {
      if (value === null) return [step, null];
      sum = keep * sum + (1 - keep) * value;
      weight = keep * weight + (1 - keep);
      return [step, sum / weight];
    });
  }

  function scaleOf(chart, width) {
    const steps = chart.lines.flatMap((line) => line.steps);
    const values = chart.lines.flatMap((line) => line.values).filter((value) => value !== null);
    const [first, last] = [Math.min(...steps), Math.max(...steps)];
    const yTicks = ticks(...bounds(values, chart.unit), 4);
    const [low, high] = [yTicks[0], yTicks[yTicks.length - 1]];
    const across = width - MARGIN.left - MARGIN.right;
    const down = HEIGHT - MARGIN.top - MARGIN.bottom;
    return {
      x: (step) => MARGIN.left + (across * (step - first)) / (last - first || 1),
      y: (value) => MARGIN.top + down * (1 - (value - low) / (high - low)),
      stepAt: (x) => first + ((x - MARGIN.left) / across) * (last - first),
      xTicks: ticks(first, last, 5).filter((step) => step >= first && step <= last && Number.isInteger(step)),
      yTicks,
    };
  }

  /** Shares and curves that come near 0 start at 0; a flat curve gets room. */
  function bounds(values, unit) {
    if (values.length === 0) return [0, 1];
    let [low, high] = [Math.min(...values), Math.max(...values)];
    if (unit === "share" || (low > 0 && low < 0.6 * high)) low = Math.min(0, low);
    if (unit === "share" && high === 0) high = 0.1;
    if (high === low) {
      const room = Math.abs(high) * 0.1 || 1;
      return [low - room, high + room];
    }
    return [low, high];
  }

  /** Round numbers that enclose [low, high], about `wanted` of them. */
  function ticks(low, high, wanted) {
    const rough = (high - low || 1) / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
    const start = Math.floor(low / step + 1e-9);
    const end = Math.ceil(high / step - 1e-9);
    return Array.from({ length: end - start + 1 }, (_, i) => Number(((start + i) * step).toPrecision(12)));
  }

  function tick(value, unit) {
    if (unit === "share") return `${Number((100 * value).toPrecision(3))} %`;
    const size = Math.abs(value);
    if (value !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(0);
    return String(Number(value.toPrecision(4)));
  }

  /** Shows the values at a step, the last ones for null. */
  function readAt(chart, legend, plot, self, step) {
    plot.querySelector(".cross")?.remove();
    const at = chart.lines.map((line) => (step === null ? line.steps.length - 1 : nearest(line.steps, step)));
    const shown = chart.lines.map((line, i) =>
      h(
        "span",
        {},
        chart.lines.length > 1 ? h("span", { class: `key line-${i}` }) : null,
        line.label && chart.lines.length > 1 ? `${line.label} ` : "",
        h("b", {}, number(line.values[at[i]], chart.unit)),
        step === null ? "" : ` at ${line.steps[at[i]]}`,
      ),
    );
    const unit = chart.unit === "share" || chart.unit === "1" ? null : h("span", {}, chart.unit);
    legend.replaceChildren(...shown, ...(unit ? [unit] : []));
    if (step !== null && self.scale) {
      const x = self.scale.x(chart.lines[0].steps[at[0]]);
      plot.append(svg("line", { x1: x, x2: x, y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom, class: "cross" }));
    }
  }

  /** Index of the entry of a rising array that is closest to a value. */
  function nearest(steps, value) {
    let low = 0;
    let high = steps.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low > 0 && value - steps[low - 1] < steps[low] - value ? low - 1 : low;
  }

  // ---- completions

  const KINDS = { right: "right", wrong: "wrong", truncated: "truncated", ungraded: "not graded" };
  const SORTS = {
    newest: ["Newest step", (a, b) => b.step - a.step],
    oldest: ["Oldest step", (a, b) => a.step - b.step],
    highest: ["Highest reward", (a, b) => (b.reward ?? -Infinity) - (a.reward ?? -Infinity)],
    lowest: ["Lowest reward", (a, b) => (a.reward ?? Infinity) - (b.reward ?? Infinity)],
    advantage: ["Largest advantage", (a, b) => Math.abs(b.advantage ?? 0) - Math.abs(a.advantage ?? 0)],
    longest: ["Longest", (a, b) => b.tokens - a.tokens],
  };
  const PAGE = 10;

  function completions() {
    const { samples, of } = data.samples;
    const view = { kind: "all", sort: "newest", words: "", shown: PAGE };
    const list = h("div", { id: "samples" });
    const status = h("p", { class: "note", id: "sample-status", "aria-live": "polite" });
    const more = h(
      "button",
      { type: "button", id: "more", click: () => show({ shown: view.shown + 2 * PAGE }) },
      "Show more",
    );

    function show(change) {
      Object.assign(view, { shown: PAGE }, change);
      const words = view.words.toLowerCase();
      const found = samples
        .filter(({ kind }) => view.kind === "all" || kind === view.kind)
        .filter(
          (sample) =>
            words === "" ||
            [sample.id, sample.prompt, sample.completion, sample.reason].some((text) =>
              text.toLowerCase().includes(words),
            ),
        )
        .toSorted(SORTS[view.sort][1]);
      list.replaceChildren(...found.slice(0, view.shown).map(sampleCard));
      status.textContent =
        found.length === 0 ? "No completion fits." : `${Math.min(view.shown, found.length)} of ${found.length}`;
      more.hidden = found.length <= view.shown;
      for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.value === view.kind));
    }

    const chips = ["all", ...Object.keys(KINDS)].map((kind) => {
      const count = kind === "all" ? samples.length : samples.filter((sample) => sample.kind === kind).length;
      const label = kind === "all" ? "All" : KINDS[kind][0].toUpperCase() + KINDS[kind].slice(1);
      return h(
        "button",
        { type: "button", value: kind, click: () => show({ kind }) },
        label,
        h("span", { class: "count" }, String(count)),
      );
    });
    const sort = h("select", { id: "sort", "aria-label": "Order", change: () => show({ sort: sort.value }) });
    sort.append(...Object.entries(SORTS).map(([key, [label]]) => h("option", { value: key }, label)));
    const search = h("input", {
      type: "search",
      id: "search",
      placeholder: "Search text or id",
      "aria-label": "Search",
      input: () => show({ words: search.value }),
    });

    const note =
      samples.length < of
        ? `${samples.length.toLocaleString("en")} of ${of.toLocaleString("en")}: first and last step, and a draw of each kind between`
        : null;
    const part = section(
      "completions",
      "Completions",
      note,
      h("div", { class: "controls" }, chips, sort, search),
      list,
      more,
      status,
    );
    show({});
    return part;
  }

  function sampleCard(sample) {
    const fact = (label, value) => h("span", {}, `${label} `, h("b", {}, value));
    const facts = [
      fact("step", String(sample.step)),
      fact("reward", sample.reward === null ? "none" : number(sample.reward)),
      fact("advantage", sample.advantage === null ? "left out" : signed(sample.advantage)),
      fact("tokens", String(sample.tokens)),
    ];
    return h(
      "article",
      { class: "card sample" },
      h(
        "div",
        { class: "sample-head" },
        chip(sample.kind, sample.outcome),
        facts,
        h("span", { class: "id mono" }, sample.id),
      ),
      h("pre", { class: "prompt" }, sample.prompt),
      text(sample.completion),
      verdict(sample.reason, sample.answer),
    );
  }

  function chip(kind, outcome) {
    const words = { right: "correct", truncated: `truncated, ${outcome}`, ungraded: `not graded, ${outcome}` };
    return h("span", { class: `chip ${kind}` }, words[kind] ?? outcome);
  }

  function verdict(reason, answer) {
    return h(
      "p",
      { class: "reason" },
      answer === null ? null : h("span", {}, "Read as ", h("span", { class: "mono" }, answer), ": "),
      reason,
    );
  }

  /** A completion with its layout tags set off. */
  function text(completion) {
    if (completion === "") return h("pre", {}, h("span", { class: "empty" }, "empty"));
    const parts = completion.split(/(<\/?(?:think|answer)>)/);
    return h(
      "pre",
      {},
      parts.map((part, i) => (i % 2 === 1 ? h("span", { class: "mark" }, part) : part)),
    );
  }

  // ---- base and trained side by side

  function examples() {
    const side = (title, { completion, verdict: judged }) => {
      const isGraded = judged.status === "graded";
      const kind = isGraded ? (judged.outcome === "correct" ? "right" : "wrong") : "ungraded";
      return h(
        "div",
        { class: "side" },
        h("div", { class: "side-head" }, h("h3", {}, title), chip(kind, isGraded ? judged.outcome : judged.cause)),
        text(completion),
        verdict(judged.reason, isGraded ? judged.answer : null),
      );
    };
    const pairs = data.examples.map((example) =>
      h(
        "article",
        { class: "card pair" },
        h("pre", { class: "prompt" }, example.prompt),
        h("div", { class: "sides" }, side("Base", example.before), side("Trained", example.after)),
      ),
    );
    return section("examples", "The same problems, before and after", "held-out, greedy", pairs);
  }

  function settings() {
    const rows = data.config.map(([name, value]) => h("tr", {}, h("td", {}, name), h("td", {}, value)));
    const versions = Object.entries(data.manifest.sessions.at(-1).versions).map(([name, version]) =>
      h("tr", {}, h("td", {}, name), h("td", {}, version)),
    );
    const table = (body) => h("table", { class: "config" }, h("tbody", {}, body));
    return section(
      "settings",
      "Settings",
      null,
      h(
        "details",
        { class: "card" },
        h("summary", {}, `${rows.length} settings and ${versions.length} versions`),
        table([...rows, ...versions]),
      ),
    );
  }

  function section(id, title, note, ...content) {
    const headLine = h(
      "div",
      { class: "section-head" },
      h("h2", {}, title),
      note === null ? null : h("p", { class: "note" }, note),
    );
    return h("section", { id }, headLine, ...content);
  }

  // ---- the page

  document
    .getElementById("page")
    .append(
      head(),
      ...(data.summary ? [results(data.summary)] : []),
      ...(data.charts.length > 0 ? [curves()] : []),
      ...(data.examples.length > 0 ? [examples()] : []),
      ...(data.samples.samples.length > 0 ? [completions()] : []),
      settings(),
    );
  let width = 0;
  const fitWidth = () => {
    if (document.body.clientWidth === width) return; // only the height changed
    width = document.body.clientWidth;
    for (const chart of drawn) chart.draw();
  };
  fitWidth();
  new ResizeObserver(fitWidth).observe(document.body);
})();
