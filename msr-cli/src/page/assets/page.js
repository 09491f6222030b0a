"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main");
  const SVG = "http://www.w3.org/2000/svg";
  const COLOURS = 8;
  // The smallest part of a plot that can be zoomed in to.
  const SMALLEST_VIEW = 1e-6;
  // Texts of a table that are not broken.
  const SHORT = 12;
  // Viridis (van der Walt and Smith 2015), at six places.
  const VIRIDIS = [[68, 1, 84], [65, 68, 135], [42, 120, 142], [34, 168, 132], [122, 209, 81], [253, 231, 37]];
  const plots = [];

  // ---- elements ----
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "class") element.className = value; else element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };
  const section = (id, title, ...children) => {
    const shown = children.filter(Boolean);
    if (!shown.length) return;
    main.append(make("section", { id, "aria-label": title }, make("h2", {}, title), ...shown));
    document.getElementById("contents").append(make("a", { href: "#" + id }, title));
  };
  const table = (head, rows) => {
    const isNumber = (value) => typeof value === "number";
    const kind = (like) => (isNumber(like) ? { class: "number" } : String(like).length <= SHORT ? { class: "short" } : {});
    const cell = (tag, value, like) => make(tag, kind(like), isNumber(value) ? tell(value) : String(value));
    const body = rows.map((row) => make("tr", {}, ...row.map((value) => cell("td", value, value))));
    const titles = head.map((title, place) => cell("th", title, rows.length ? rows[0][place] : ""));
    return make("div", { class: "table" }, make("table", {}, make("thead", {}, make("tr", {}, ...titles)), make("tbody", {}, ...body)));
  };
  const spanOf = (values) => (values.length ? range([values]) : [NaN, NaN]);
  const facts = (pairs) => make("dl", {}, ...pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // ---- numbers ----
  const tell = (value, digits = 4) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "none";
    if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)));
  };
  const range = (lists) => {
    let [low, high] = [Infinity, -Infinity];
    for (const list of lists) for (const value of list) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return low <= high ? [low, high] : [0, 1];
  };
  const padded = ([low, high]) => {
    const margin = high > low ? 0.06 * (high - low) : 0.01 * (Math.abs(low) || 1);
    return [low - margin, high + margin];
  };
  const ticks = (low, high, count) => {
    const raw = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw);
    const first = Math.ceil(low / step);
    const places = Math.min(2 * count + 2, Math.floor(high / step - first + 1e-9) + 1);
    return [Array.from({ length: Math.max(0, places) }, (_, place) => (first + place) * step), step];
  };
  const label = (value, step, span) => {
    const size = Math.max(Math.abs(span[0]), Math.abs(span[1]));
    if (size >= 1e5 || size < 1e-3) return value.toExponential(Math.max(0, Math.ceil(Math.log10(size / step))));
    return value.toFixed(Math.max(0, Math.min(9, -Math.floor(Math.log10(step) + 1e-9))));
  };
  const shade = (part) => {
    const place = Math.min(Math.max(part, 0), 1) * (VIRIDIS.length - 1);
    const [from, to] = [VIRIDIS[Math.floor(place)], VIRIDIS[Math.ceil(place)]];
    const mixed = from.map((value, channel) => Math.round(value + (to[channel] - value) * (place % 1)));
    return `rgb(${mixed})`;
  };

  // ---- one plot: axes, zoom, hover, keyboard ----
  class Plot {
    constructor(options) {
      this.options = options;
      this.view = null;
      this.canvas = make("canvas", { tabindex: "0", role: "img", "aria-label": options.title + ". " + (options.caption || "") });
      this.read = make("div", { class: "read", "aria-live": "polite" });
      this.figure = make("figure", { class: options.wide ? "wide" : options.ratio ? "tall" : "" },
        make("figcaption", {}, make("h3", {}, options.title), options.caption ? make("p", {}, options.caption) : null),
        ...(options.controls || []), this.canvas, this.read, ...(options.below || []));
      this.listen();
      plots.push(this);
      new ResizeObserver(() => requestAnimationFrame(() => this.draw())).observe(this.canvas);
    }
    extent() {
      const view = this.view || this.options.extent();
      if (!this.options.ratio) return view;
      // Both axes are space: one scale holds for both, and the narrower one shows more.
      const [x0, x1, y0, y1] = view;
      const box = this.box();
      const scale = Math.max((x1 - x0) / box.width, (y1 - y0) / box.height);
      const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
      return [x - scale * box.width / 2, x + scale * box.width / 2, y - scale * box.height / 2, y + scale * box.height / 2];
    }
    box() {
      const width = this.canvas.clientWidth;
      const left = 72;
      return { left, top: 8, width: width - left - 10, height: this.height() - 8 - 36 };
    }
    height() {
      const width = this.canvas.clientWidth;
      if (this.options.ratio) return Math.min(Math.max(width * this.options.ratio(), 160), 760);
      return this.options.height || 230;
    }
    toPixel(x, y) {
      const [x0, x1, y0, y1] = this.extent();
      const box = this.box();
      return [box.left + (x - x0) / (x1 - x0) * box.width, box.top + (y1 - y) / (y1 - y0) * box.height];
    }
    toData(px, py) {
      const [x0, x1, y0, y1] = this.extent();
      const box = this.box();
      return [x0 + (px - box.left) / box.width * (x1 - x0), y1 - (py - box.top) / box.height * (y1 - y0)];
    }
    draw() {
      const { canvas, options } = this;
      const density = window.devicePixelRatio || 1;
      const [width, height] = [canvas.clientWidth, this.height()];
      if (!width) return;
      canvas.style.height = height + "px";
      if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
        canvas.width = Math.round(width * density);
        canvas.height = Math.round(height * density);
      }
      const context = canvas.getContext("2d");
      context.setTransform(density, 0, 0, density, 0, 0);
      context.clearRect(0, 0, width, height);
      const box = this.box();
      this.axes(context, box);
      context.save();
      context.beginPath();
      context.rect(box.left, box.top, box.width, box.height);
      context.clip();
      options.paint(context, this);
      if (this.drag) {
        const [a, b] = [this.drag.from, this.drag.to];
        context.fillStyle = colour("--accent");
        context.globalAlpha = 0.2;
        context.fillRect(Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]));
      }
      context.restore();
    }
    axes(context, box) {
      const [x0, x1, y0, y1] = this.extent();
      context.font = "11px system-ui, sans-serif";
      context.strokeStyle = colour("--rule");
      context.fillStyle = colour("--faint");
      context.lineWidth = 1;
      const [across, stepX] = ticks(x0, x1, Math.max(2, box.width / 90));
      const [up, stepY] = ticks(y0, y1, Math.max(2, box.height / 45));
      context.textAlign = "center";
      for (const x of across) {
        const [px] = this.toPixel(x, y0);
        context.beginPath(); context.moveTo(px, box.top); context.lineTo(px, box.top + box.height); context.stroke();
        context.fillText(label(x, stepX, [x0, x1]), px, box.top + box.height + 14);
      }
      context.textAlign = "right";
      for (const y of up) {
        const [, py] = this.toPixel(x0, y);
        context.beginPath(); context.moveTo(box.left, py); context.lineTo(box.left + box.width, py); context.stroke();
        const told = this.options.downwards ? Math.abs(y) : y;
        context.fillText(label(told, stepY, [y0, y1]), box.left - 5, py + 4);
      }
      context.textAlign = "center";
      context.fillText(this.options.xTitle || "", box.left + box.width / 2, box.top + box.height + 30);
      context.save();
      context.translate(11, box.top + box.height / 2);
      context.rotate(-Math.PI / 2);
      context.fillText(this.options.yTitle || "", 0, 0);
      context.restore();
    }
    zoom(factor, px, py) {
      const whole = this.options.extent();
      const now = this.extent();
      // Further in, neighbouring numbers are the same.
      if (factor < 1 && now[1] - now[0] < SMALLEST_VIEW * (whole[1] - whole[0])) return;
      const box = this.box();
      const at = this.toData(px === undefined ? box.left + box.width / 2 : px, py === undefined ? box.top + box.height / 2 : py);
      const [x0, x1, y0, y1] = this.extent();
      this.view = [at[0] - (at[0] - x0) * factor, at[0] + (x1 - at[0]) * factor, at[1] - (at[1] - y0) * factor, at[1] + (y1 - at[1]) * factor];
      this.draw();
    }
    move(dx, dy) {
      const [x0, x1, y0, y1] = this.extent();
      const [x, y] = [dx * (x1 - x0), dy * (y1 - y0)];
      this.view = [x0 + x, x1 + x, y0 + y, y1 + y];
      this.draw();
    }
    reset() { this.view = null; this.draw(); }
    listen() {
      const { canvas } = this;
      const place = (event) => {
        const bounds = canvas.getBoundingClientRect();
        return [event.clientX - bounds.left, event.clientY - bounds.top];
      };
      canvas.addEventListener("pointerdown", (event) => {
        if (event.pointerType === "touch") return;
        canvas.setPointerCapture(event.pointerId);
        this.drag = { from: place(event), to: place(event) };
      });
      canvas.addEventListener("pointermove", (event) => {
        const at = place(event);
        if (this.drag) { this.drag.to = at; this.draw(); return; }
        this.read.textContent = this.options.hover ? this.options.hover(...this.toData(...at), this, at) || "" : "";
      });
      canvas.addEventListener("pointerup", () => {
        const drag = this.drag;
        this.drag = null;
        if (!drag) return;
        const [from, to] = [this.toData(...drag.from), this.toData(...drag.to)];
        const far = Math.abs(drag.from[0] - drag.to[0]) > 6 && Math.abs(drag.from[1] - drag.to[1]) > 6;
        if (far) this.view = [Math.min(from[0], to[0]), Math.max(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[1], to[1])];
        this.draw();
      });
      canvas.addEventListener("pointercancel", () => { this.drag = null; this.draw(); });
      canvas.addEventListener("pointerleave", () => { if (!this.drag) this.read.textContent = ""; });
      canvas.addEventListener("dblclick", () => this.reset());
      canvas.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && document.activeElement !== canvas) return;
        event.preventDefault();
        this.zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, ...place(event));
      }, { passive: false });
      canvas.addEventListener("keydown", (event) => {
        const actions = {
          "+": () => this.zoom(1 / 1.3), "=": () => this.zoom(1 / 1.3), "-": () => this.zoom(1.3), 0: () => this.reset(), Escape: () => this.reset(),
          ArrowLeft: () => this.move(-0.1, 0), ArrowRight: () => this.move(0.1, 0), ArrowUp: () => this.move(0, 0.1), ArrowDown: () => this.move(0, -0.1),
        };
        if (actions[event.key]) { event.preventDefault(); actions[event.key](); }
      });
    }
  }

  // ---- kinds of plots ----
  const nearest = (times, time) => {
    let [low, high] = [0, times.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] < time) low = middle; else high = middle;
    }
    return Math.abs(times[low] - time) <= Math.abs(times[high] - time) ? low : high;
  };
  const polyline = (context, plot, times, values) => {
    context.beginPath();
    let down = false;
    values.forEach((value, place) => {
      if (value === null) { down = false; return; }
      const [px, py] = plot.toPixel(times[place], value);
      if (down) context.lineTo(px, py); else context.moveTo(px, py);
      down = true;
    });
    context.stroke();
  };
  const linePlot = ({ title, caption, times, lines, band, unit, wide }) => {
    const lists = lines.map((line) => line.values).concat(band ? [band.low, band.high] : []);
    const across = range([times]);
    const whole = [across[0], across[1] > across[0] ? across[1] : across[0] + 1, ...padded(range(lists))];
    const shownLines = lines.map((line, place) => ({ ...line, colour: `--c${place % COLOURS}` }));
    const legend = make("ul", { class: "legend" }, ...(lines.length > 1 ? shownLines : []).map((line) => {
      const item = make("li", {}, line.label);
      item.style.setProperty("--colour", `var(${line.colour})`);
      return item;
    }));
    const rows = shownLines.map((line) => {
      const numbers = line.values.filter((value) => value !== null);
      const [low, high] = spanOf(numbers);
      return [line.label, numbers[0] ?? NaN, low, high, numbers[numbers.length - 1] ?? NaN];
    });
    const numbers = make("details", {}, make("summary", {}, "In numbers"), table(["", "first", "lowest", "highest", "last"], rows));
    return new Plot({
      title, caption, wide, xTitle: "ms", yTitle: unit,
      extent: () => whole,
      below: [legend, numbers],
      paint: (context, plot) => {
        if (band) {
          context.fillStyle = colour("--c0");
          context.globalAlpha = 0.13;
          context.beginPath();
          const known = times.map((_, place) => place).filter((place) => band.high[place] !== null && band.low[place] !== null);
          known.forEach((place) => context.lineTo(...plot.toPixel(times[place], band.high[place])));
          known.reverse().forEach((place) => context.lineTo(...plot.toPixel(times[place], band.low[place])));
          context.fill();
          context.globalAlpha = 1;
        }
        context.lineWidth = 1.4;
        for (const line of shownLines) {
          context.strokeStyle = colour(line.colour);
          polyline(context, plot, times, line.values);
        }
      },
      hover: (x) => {
        const place = nearest(times, x);
        const told = shownLines.slice(0, 10).map((line) => `${lines.length > 1 ? line.label + " " : ""}${tell(line.values[place])}`);
        return `${tell(times[place], 6)} ms: ${told.join(", ")} ${unit}`;
      },
    });
  };
  const reportPlot = (series, wide = false) => {
    const layered = series.layers.length > 1;
    const few = !layered && series.elements <= series.traces.length;
    const lines = layered ? series.layers : few ? series.traces : [{ label: "mean", values: series.mean }];
    const caption = layered ? `mean of each layer, ${series.elements} elements of ${series.population}`
      : few ? series.population : `mean and range of ${series.elements} elements of ${series.population}`;
    return linePlot({
      title: series.name, caption, times: series.times, lines, unit: series.unit, wide,
      band: few || layered ? null : { low: series.low, high: series.high },
    });
  };
  const colourScale = (span, unit) => make("div", { class: "scale" }, tell(span[0]), make("i"), `${tell(span[1])} ${unit}`);

  // ---- what was run ----
  const manifest = data.manifest || {};
  const outcome = manifest.outcome || null;
  const grid = manifest.time_grid || {};
  const file = String(manifest.configuration_file || "").split("/").slice(-2).join("/");
  if (file) { document.getElementById("title").textContent = file; document.title = "msr: " + file; }
  const lastPart = !outcome ? "" : outcome.begin_ms > 0
    ? `the part from ${tell(outcome.begin_ms, 6)} ms on in ${tell(outcome.wall_s, 3)} s` : `in ${tell(outcome.wall_s, 3)} s`;
  // How far the run came.
  const lastTimes = [...data.series.map((one) => one.times), ...data.spikes.map((one) => one.times)].map((times) => times[times.length - 1] || 0);
  const simulatedMs = outcome ? outcome.simulated_ms : Math.max(0, ...lastTimes);
  const state = document.getElementById("state");
  if (!outcome) {
    state.append(make("span", { class: "bad" }, "not finished"), " The run was killed, or is still going on: what it had recorded is shown.");
  } else if (outcome.state === "complete") {
    state.append(make("span", { class: "good" }, "complete"), ` ${tell(outcome.simulated_ms, 6)} ms simulated, ${lastPart}`);
  } else {
    state.append(make("span", { class: "bad" }, outcome.state), ` at ${tell(outcome.simulated_ms, 6)} of ${tell(grid.end_ms, 6)} ms: ${outcome.reason}`);
  }
  const overridden = (manifest.provenance || []).filter((entry) => entry.source === "--set");
  const isOfNeurons = (one) => one.population in data.scene.cells;
  const spikeCount = data.spikes.filter(isOfNeurons).reduce((sum, one) => sum + one.count, 0);
  const otherSpikes = data.spikes.filter((one) => one.count && !isOfNeurons(one));
  const said = ((outcome && outcome.summary) || []).filter((line) => !["time", "STOPPED"].includes(line.label)).map((line) => [line.label, line.text]);
  section("run", "What was run", facts([
    ["configuration", String(manifest.configuration_file ?? "unknown")],
    ["time", `${tell(grid.end_ms, 6)} ms in steps of ${tell(grid.dt_ms)} ms`],
    ["seed", String(manifest.random_seed ?? "")],
    ["threads", String(manifest.threads ?? "")],
    ["version", "msr " + (manifest.msr_version ?? "")],
    ["neurons", `${Object.entries(data.scene.cells).map(([name, count]) => `${count} of ${name}`).join(", ") || "unknown"}; ${spikeCount} spikes`],
    ...otherSpikes.map((one) => ["other cells", `${one.count} spikes of ${one.population}`]),
    ...overridden.map((entry) => ["set by hand", `${entry.key} = ${JSON.stringify(entry.value)}`]),
  ]), said.length ? make("details", {}, make("summary", {}, "What the simulators said at the end"), facts(said)) : null);

  // ---- warnings ----
  const warnings = [...new Set([...((outcome && outcome.notes) || []), ...data.warnings])];
  const excluded = (outcome && outcome.excluded) || [];
  section("warnings", "Warnings and excluded neurons",
    warnings.length ? make("ul", {}, ...warnings.map((warning) => make("li", {}, warning))) : null,
    excluded.length ? table(["neuron", "ms", "why"], excluded.map((one) => [String(one.neuron), one.time_ms, one.message])) : null);

  // ---- spikes ----
  const spikePlots = data.spikes.filter((one) => one.count).flatMap((one) => {
    const end = Math.max(simulatedMs, one.times[one.times.length - 1]);
    const [lowest, highest] = range([one.nodes]);
    const raster = new Plot({
      title: "Spikes", caption: `${one.count} spikes of ${one.population}`, wide: true, xTitle: "ms", yTitle: "node",
      extent: () => [0, end, lowest - 0.7, highest + 0.7],
      paint: (context, plot) => {
        context.fillStyle = colour("--c0");
        const size = Math.max(1.5, Math.min(6, plot.box().height / (highest - lowest + 2) * 0.6));
        one.times.forEach((time, place) => {
          const [px, py] = plot.toPixel(time, one.nodes[place]);
          context.fillRect(px - 1, py - size / 2, 2, size);
        });
      },
      hover: (x, y) => `${tell(x, 5)} ms, node ${Math.round(y)}: ${one.nodes.filter((node) => node === Math.round(y)).length} spikes`,
    });
    const bins = Math.max(10, Math.min(100, Math.round(end / 5)));
    const width = end / bins;
    const counts = new Array(bins).fill(0);
    const weight = one.count / one.times.length;
    one.times.forEach((time) => { counts[Math.min(bins - 1, Math.floor(time / width))] += weight; });
    const cells = Math.max(1, data.scene.cells[one.population] || new Set(one.nodes).size);
    const rates = counts.map((count) => count / cells / width * 1000);
    const rate = linePlot({
      title: "Firing rate", caption: `mean of ${cells} cells${isOfNeurons(one) ? "" : " that have spiked"}, in bins of ${tell(width, 3)} ms`, unit: "Hz",
      times: rates.map((_, place) => (place + 0.5) * width), lines: [{ label: "rate", values: rates }],
    });
    const perCell = new Map();
    one.nodes.forEach((node) => perCell.set(node, (perCell.get(node) || 0) + weight));
    const busiest = [...perCell].sort((a, b) => b[1] - a[1]).slice(0, 12);
    const list = make("figure", {}, make("figcaption", {}, make("h3", {}, "Busiest cells"), make("p", {}, `of ${perCell.size} that fired`)),
      table(["node", "spikes", "Hz"], busiest.map(([node, count]) => ["node " + node, Math.round(count), count / end * 1000])));
    return [raster, rate, { figure: list }];
  });
  section("spikes", "Spikes", spikePlots.length ? make("div", { class: "grid" }, ...spikePlots.map((plot) => plot.figure)) : null);

  // ---- voltage ----
  const isVoltage = (series) => series.unit === "mV";
  const voltages = data.series.filter(isVoltage).map((series) => linePlot({
    title: series.name, caption: `first element of ${series.traces.length} of the nodes of ${series.population}`,
    times: series.times, lines: series.traces, unit: series.unit, wide: true,
  }));
  section("voltage", "Voltage", voltages.length ? make("div", { class: "grid" }, ...voltages.map((plot) => plot.figure)) : null);

  // ---- concentrations and everything else ----
  const isConcentration = (series) => /^(m|u|n)?M$|^mol/.test(series.unit);
  const meshReports = new Set(data.slices.map((slice) => slice.name));
  const rest = data.series.filter((series) => !isVoltage(series));
  const concentrations = rest.filter((series) => isConcentration(series) && !meshReports.has(series.name)).map((series) => reportPlot(series));
  section("concentrations", "ATP, ADP and ions over time",
    concentrations.length ? make("div", { class: "grid" }, ...concentrations.map((plot) => plot.figure)) : null);

  // ---- slices ----
  const { scene } = data;
  const { slice } = scene;
  const axes = ["x", "y", "z"];
  const across = scene.depth_axis === 0 ? 1 : 0;
  const slicePlots = data.slices.flatMap((one) => {
    const span = range(one.frames.map((frame) => frame.values));
    let shown = one.frames.length - 1;
    const told = make("span", {}, "");
    const slider = make("input", { type: "range", min: "0", max: String(one.frames.length - 1), value: String(shown), "aria-label": "moment" });
    const [left, right, low, high] = slice.extent;
    const plot = new Plot({
      title: one.name, caption: "plane through the neurons; dots are their first points", xTitle: `${axes[across]} (um)`, yTitle: `${axes[scene.depth_axis]} (um)`,
      controls: [make("div", {}, make("label", {}, "moment ", slider), told)],
      below: [colourScale(span, one.unit)],
      ratio: () => Math.min(1.6, (high - low) / (right - left)),
      extent: () => [left, right, low, high],
      paint: (context, self) => {
        const { values } = one.frames[shown];
        const [width, height] = [(right - left) / slice.columns, (high - low) / slice.rows];
        slice.squares.forEach((tetrahedron, place) => {
          if (tetrahedron === null) return;
          const [column, row] = [place % slice.columns, Math.floor(place / slice.columns)];
          const [px, py] = self.toPixel(left + column * width, low + (row + 1) * height);
          const [qx, qy] = self.toPixel(left + (column + 1) * width, low + row * height);
          context.fillStyle = shade((values[tetrahedron] - span[0]) / (span[1] - span[0] || 1));
          context.fillRect(px, py, qx - px + 0.6, qy - py + 0.6);
        });
        context.fillStyle = "#ffffff";
        context.strokeStyle = "#000000";
        for (const { position } of scene.neurons) {
          context.beginPath();
          context.arc(...self.toPixel(position[across], position[scene.depth_axis]), 3, 0, 2 * Math.PI);
          context.fill();
          context.stroke();
        }
      },
      hover: (x, y) => {
        const [column, row] = [Math.floor((x - left) / (right - left) * slice.columns), Math.floor((y - low) / (high - low) * slice.rows)];
        const tetrahedron = column >= 0 && column < slice.columns && row >= 0 && row < slice.rows ? slice.squares[row * slice.columns + column] : null;
        return tetrahedron === null || tetrahedron === undefined ? "" : `tetrahedron ${slice.tetrahedra[tetrahedron]}: ${tell(one.frames[shown].values[tetrahedron], 6)} ${one.unit}`;
      },
    });
    const show = () => { shown = Number(slider.value); told.textContent = `${tell(one.frames[shown].time, 5)} ms`; plot.draw(); };
    slider.addEventListener("input", show);
    show();
    const series = data.series.find((candidate) => candidate.name === one.name);
    return series ? [plot, reportPlot(series)] : [plot];
  });
  section("outside", "Outside of the cells", slicePlots.length ? make("div", { class: "grid" }, ...slicePlots.map((plot) => plot.figure)) : null);

  // ---- vessels ----
  const columns = [...data.recorded_vessels, ...scene.vessels.columns];
  if (scene.vessels.lines.length && columns.length) {
    const wanted = ["flows", "pressures", "radii"];
    const select = make("select", {}, ...columns.map((column, place) => make("option", { value: String(place) }, `${column.name} (${column.unit || "1"})`)));
    const sized = (values) => values.map((value) => Math.abs(value));
    const flowFirst = columns.findIndex((column) => column.name === "flows");
    select.value = String(Math.max(0, flowFirst));
    const flat = scene.vessels.lines;
    const bounds = () => {
      const [x, y] = [range([flat.map((line) => line[0]), flat.map((line) => line[2])]), range([flat.map((line) => line[1]), flat.map((line) => line[3])])];
      return [...padded(x), ...padded(y)];
    };
    const whole = bounds();
    const scale = make("div");
    const radii = scene.vessels.columns.find((column) => column.name === "radii");
    // Flows span decades: their logarithm is coloured.
    const coloured = () => {
      const column = columns[Number(select.value)];
      const values = sized(column.values);
      const positive = values.filter((value) => value > 0);
      const [low, high] = range([positive]);
      const decades = positive.length && high / low > 100;
      const from = decades ? Math.max(low, high * 1e-4) : range([column.values])[0];
      const to = decades ? high : range([column.values])[1];
      const part = (value) => decades ? Math.log(Math.max(Math.abs(value), from) / from) / Math.log(to / from) : (value - from) / (to - from || 1);
      return { column, part, span: [from, to], decades };
    };
    let now = coloured();
    const drawing = new Plot({
      title: "Vessels and neurons", caption: `seen from the side, neurites in grey; ${scene.vessels.moment}`, wide: whole[1] - whole[0] > whole[3] - whole[2],
      xTitle: `${axes[across]} (um)`, yTitle: `${axes[scene.depth_axis]} (um)`,
      controls: [make("label", {}, "colour by ", select)], below: [scale],
      ratio: () => Math.min(1.2, (whole[3] - whole[2]) / (whole[1] - whole[0])),
      extent: () => whole,
      paint: (context, self) => {
        const line = ([x0, y0, x1, y1]) => {
          context.beginPath();
          context.moveTo(...self.toPixel(x0, y0));
          context.lineTo(...self.toPixel(x1, y1));
          context.stroke();
        };
        context.strokeStyle = colour("--faint");
        context.globalAlpha = 0.45;
        context.lineWidth = 0.7;
        scene.neurites.forEach(line);
        context.globalAlpha = 1;
        const [a] = self.toPixel(0, 0);
        const [b] = self.toPixel(1, 0);
        flat.forEach((ends, place) => {
          context.lineWidth = Math.max(1, radii ? 2 * radii.values[place] * (b - a) : 1.5);
          context.strokeStyle = shade(now.part(now.column.values[place]));
          line(ends);
        });
        context.fillStyle = colour("--c1");
        for (const { position } of scene.neurons) {
          context.beginPath();
          context.arc(...self.toPixel(position[across], position[scene.depth_axis]), 4, 0, 2 * Math.PI);
          context.fill();
        }
      },
      hover: (x, y, self, at) => {
        let best = [14, -1];
        flat.forEach(([x0, y0, x1, y1], place) => {
          const [px, py] = self.toPixel((x0 + x1) / 2, (y0 + y1) / 2);
          const distance = Math.hypot(px - at[0], py - at[1]);
          if (distance < best[0]) best = [distance, place];
        });
        return best[1] < 0 ? "" : `${now.column.name} ${tell(now.column.values[best[1]])} ${now.column.unit}, ${tell(scene.vessels.depths[best[1]], 4)} um deep`;
      },
    });
    const rescale = () => {
      now = coloured();
      scale.replaceChildren(colourScale(now.span, now.column.unit + (now.decades ? " (logarithmic, without sign)" : "")));
      drawing.draw();
    };
    select.addEventListener("input", rescale);
    rescale();
    const against = wanted.map((name) => scene.vessels.columns.find((column) => column.name === name)).filter(Boolean).map((column) => {
      const values = column.name === "flows" ? sized(column.values) : column.values;
      const whole = [...padded(range([values])), ...padded(range([scene.vessels.depths.map((depth) => -depth)]))];
      return new Plot({
        title: `${column.name} against depth`, caption: `one dot a vessel segment, ${scene.vessels.moment}`, xTitle: column.unit, yTitle: "depth (um)", downwards: true,
        extent: () => whole,
        paint: (context, self) => {
          context.fillStyle = colour("--c0");
          context.globalAlpha = 0.6;
          values.forEach((value, place) => {
            const [px, py] = self.toPixel(value, -scene.vessels.depths[place]);
            context.fillRect(px - 1.5, py - 1.5, 3, 3);
          });
          context.globalAlpha = 1;
        },
        hover: (x, y) => `${tell(x)} ${column.unit} at ${tell(-y)} um`,
      });
    });
    section("vessels", "Vessels", make("div", { class: "grid" }, ...[drawing, ...against].map((plot) => plot.figure)));
  }

  // ---- coupling ----
  const ledger = Array.isArray(data.ledger) ? data.ledger : [];
  if (ledger.length) {
    // A merge tells both sides what the other has changed.
    const parts = ledger.flatMap((entry) => {
      const pair = [entry.source.split(" ")[0], entry.destination.split(" ")[0]];
      return (entry.action === "merge" ? [pair, [pair[1], pair[0]]] : [pair]).map(([from, to]) => ({ from, to, entry }));
    });
    const names = [...new Set(parts.flatMap(({ from, to }) => [from, to]))];
    const element = (tag, attributes, text) => {
      const made = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      if (text) made.textContent = text;
      return made;
    };
    const [width, height, radius] = [760, 330, 115];
    const drawing = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Which simulator tells which, and by how many connections" });
    const marker = element("marker", { id: "arrow", viewBox: "0 0 10 10", refX: "9", refY: "5", markerWidth: "8", markerHeight: "8", orient: "auto" });
    marker.append(element("path", { d: "M0 0 10 5 0 10Z", fill: "var(--faint)" }));
    drawing.append(marker);
    const place = (name) => {
      const angle = -Math.PI / 2 + 2 * Math.PI * names.indexOf(name) / names.length;
      return [width / 2 + 2.2 * radius * Math.cos(angle), height / 2 + radius * Math.sin(angle)];
    };
    const pairs = new Map();
    parts.forEach(({ from, to, entry }) => pairs.set(`${from} ${to}`, [...(pairs.get(`${from} ${to}`) || []), entry]));
    for (const [pair, members] of pairs) {
      const [from, to] = pair.split(" ");
      const [[x0, y0], [x1, y1]] = [place(from), place(to)];
      const length = Math.hypot(x1 - x0, y1 - y0) || 1;
      const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
      const [cx, cy] = [(x0 + x1) / 2 - 26 * uy, (y0 + y1) / 2 + 26 * ux];
      const [sx, sy, ex, ey] = [x0 + 66 * ux, y0 + 24 * uy, x1 - 66 * ux, y1 - 24 * uy];
      const line = element("path", { d: `M${sx} ${sy}Q${cx} ${cy} ${ex} ${ey}`, fill: "none", stroke: "var(--faint)", "stroke-width": "1.6", "marker-end": "url(#arrow)" });
      line.append(element("title", {}, members.map((entry) => `${entry.source} -> ${entry.destination} (${entry.action})`).join("\n")));
      drawing.append(line, element("text", { x: cx, y: cy, "text-anchor": "middle" }, String(members.length)));
    }
    for (const name of names) {
      const [x, y] = place(name);
      drawing.append(element("rect", { x: x - 62, y: y - 19, width: 124, height: 38, rx: 8, fill: "var(--panel)", stroke: "var(--accent)", "stroke-width": "1.5" }));
      drawing.append(element("text", { x, y: y + 5, "text-anchor": "middle" }, name));
    }
    const rows = ledger.map((entry) => [
      entry.source, entry.destination, entry.action, entry.count, `${tell(entry.minimum)} to ${tell(entry.maximum)} ${entry.unit}`,
      entry.amount_unit ? `${tell(entry.sent)} ${entry.amount_unit}` : "", entry.amount_unit ? `${tell(entry.received)}, outside ${tell(entry.outside)}` : "",
    ]);
    section("coupling", "Coupling and its ledger", drawing, table(["from", "to", "action", "times", "values", "sent", "received"], rows));
  }

  // ---- the rest of the reports ----
  const others = rest.filter((series) => !isConcentration(series)).map((series) => reportPlot(series));
  section("others", "All other reports", others.length ? make("div", { class: "grid" }, ...others.map((plot) => plot.figure)) : null);

  // ---- time and memory ----
  if (outcome) {
    const memory = outcome.memory_bytes || {};
    const total = Object.values(outcome.seconds || {}).reduce((sum, seconds) => sum + seconds, 0) || 1;
    const rows = Object.entries(outcome.seconds || {}).map(([name, seconds]) => [
      name, seconds, `${(100 * seconds / total).toFixed(1)} %`, memory[name] === undefined ? "" : `${tell(memory[name] / 1e6, 3)} MB`,
    ]);
    const peak = outcome.peak_bytes ? make("p", { class: "faint" }, `The process held ${tell(outcome.peak_bytes / 1e6, 4)} MB at most.`) : null;
    const whose = outcome.begin_ms > 0 ? make("p", { class: "faint" }, `Of ${lastPart}.`) : null;
    section("cost", "Time and memory", whose, table(["part", "s", "share", "holds about"], rows), peak);
  }

  // ---- how to cite ----
  const citations = [
    `msr ${manifest.msr_version ?? ""}, simulation of brain tissue across scales.`,
    "SONATA, the format of circuit and results: Dai et al. 2020, PLoS Comput Biol 16:e1007696.",
    "Metabolism of neuron and astrocyte: Shichkova et al. 2025, Front Sci 3:1441297.",
    "The single channels, synapses, viscosity laws and solvers: see the sources in the chapters of the book and in the mechanism files that you use.",
  ];
  section("cite", "How to cite", make("ul", {}, ...citations.map((text) => make("li", {}, text))));

  const redraw = () => plots.forEach((plot) => plot.draw());
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  window.addEventListener("beforeprint", redraw);
})();
