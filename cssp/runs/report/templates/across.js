"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const language = document.documentElement.lang, space = language === "ru" ? "\u00a0" : "";
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const rounded = (value) => { const low = Math.floor(value), half = value - low === 0.5; return half ? low + Math.abs(low % 2) : Math.round(value); }; // as the tables round
  const points = (share) => { const value = rounded(100 * share), text = whole.format(Math.abs(value)); return value === 0 ? text : (value < 0 ? "−" : "+") + text; };
  const make = (name, attributes, parent, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, told] of Object.entries(attributes)) element.setAttribute(key, told);
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  };
  const axis = (svg, x, top, bottom) => {
    for (const tick of [-1, -0.5, 0, 0.5, 1]) {
      make("line", { x1: x(tick), x2: x(tick), y1: top, y2: bottom, class: "grid" }, svg);
      make("text", { x: x(tick), y: bottom + 14, "text-anchor": "middle" }, svg, points(tick));
    }
  };
  const forest = (measure, rows) => {
    const svg = document.getElementById("forest"), left = 190, width = 620, step = 18, bottom = 8 + rows.length * step;
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${bottom + 24}`);
    const x = (share) => left + (share + 1) / 2 * (width - left - 20);
    axis(svg, x, 4, bottom);
    make("line", { x1: x(measure.pooled), x2: x(measure.pooled), y1: 4, y2: bottom, class: "axis" }, svg);
    rows.forEach((row, number) => {
      const y = 14 + number * step, name = data.cities[row[0]];
      make("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, svg, name.length > 26 ? `${name.slice(0, 25)}…` : name);
      if (row[2] !== null) make("line", { x1: x(row[2]), x2: x(row[3]), y1: y, y2: y, class: "bar" }, svg);
      make("circle", { cx: x(row[1]), cy: y, r: 4, class: "mark" }, svg);
    });
  };
  const funnel = (measure, rows) => {
    const svg = document.getElementById("funnel"), width = 620, height = 420, left = 46, bottom = height - 34;
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const most = Math.max(...rows.map((row) => row[4]), 1) * 1.08;
    const x = (n) => left + n / most * (width - left - 12), y = (share) => 10 + (1 - share) / 2 * (bottom - 10);
    for (const tick of [-1, -0.5, 0, 0.5, 1]) {
      make("line", { x1: left, x2: width - 12, y1: y(tick), y2: y(tick), class: "grid" }, svg);
      make("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, svg, points(tick));
    }
    make("line", { x1: left, x2: width - 12, y1: y(measure.pooled), y2: y(measure.pooled), class: "axis" }, svg);
    const unit = 10 ** Math.floor(Math.log10(most)), stride = most / unit >= 5 ? unit : most / unit >= 2 ? unit / 2 : unit / 5;
    for (let n = stride; n < most; n += stride) make("text", { x: x(n), y: bottom + 14, "text-anchor": "middle" }, svg, whole.format(n));
    make("text", { x: (left + width) / 2, y: height - 4, "text-anchor": "middle" }, svg, data.words.answers);
    for (const [reach, name] of [[1.959964, "limit"], [3.090232, "limit outer"]]) for (const sign of [-1, 1]) {
      const curve = [];
      for (let step = 1; step <= 200; step += 1) {
        const n = most * step / 200, share = measure.pooled + sign * reach * Math.sqrt(measure.variance * Math.max(1 / n - 1 / measure.total, 0));
        if (Math.abs(share) <= 1) curve.push(`${x(n).toFixed(1)},${y(share).toFixed(1)}`);
      }
      make("polyline", { points: curve.join(" "), class: name }, svg);
    }
    for (const row of rows) {
      const out = row[8] !== "", mark = out
        ? make("rect", { x: x(row[4]) - 4, y: y(row[1]) - 4, width: 8, height: 8, class: row[8] === "95%" ? "out near" : "out" }, svg)
        : make("circle", { cx: x(row[4]), cy: y(row[1]), r: 4, class: "mark" }, svg);
      make("title", {}, mark, `${data.cities[row[0]]}: ${points(row[1])}, n = ${row[4]}`);
    }
    // the farthest out are named first; a name that would lie over another is left to the table
    const taken = [], far = (row) => Math.abs(row[1] - measure.pooled) / Math.sqrt(Math.max(1 / row[4] - 1 / measure.total, 1e-9));
    for (const row of rows.filter((row) => row[8] !== "").sort((a, b) => far(b) - far(a)).slice(0, 20)) {
      const text = data.cities[row[0]], length = 6.6 * text.length, left_of = x(row[4]) + 7 + length > width - 4;
      const at = { x: left_of ? Math.max(x(row[4]) - 7, length) : x(row[4]) + 7, y: y(row[1]) < 24 ? y(row[1]) + 16 : y(row[1]) - 6 };
      const box = [left_of ? at.x - length : at.x, at.y - 11, left_of ? at.x : at.x + length, at.y + 3];
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      taken.push(box);
      make("text", { ...at, "text-anchor": left_of ? "end" : "start" }, svg, text);
    }
  };
  const ranks = (rows) => {
    const body = document.getElementById("ranks").tBodies[0], limits = { "": "", "95%": `95${space}%`, "99.8%": `${language === "ru" ? "99,8" : "99.8"}${space}%` };
    body.replaceChildren(...rows.map((row) => {
      const line = document.createElement("tr");
      const cells = [row[5] ?? "—", data.cities[row[0]], row[5] === null ? "—" : `${row[6]}–${row[7]}`, points(row[1]), row[2] === null ? "—" : `${points(row[2])} … ${points(row[3])}`, whole.format(row[4]), limits[row[8]]];
      cells.forEach((text, place) => {
        const cell = document.createElement(place === 1 ? "th" : "td");
        if (place === 1) cell.scope = "row"; else if (place !== 6) cell.className = "number";
        cell.textContent = text;
        line.append(cell);
      });
      return line;
    }));
  };
  const choose = document.getElementById("measure");
  const titles = ["forest", "funnel"].map((name) => [document.getElementById(name), document.getElementById(name).getAttribute("aria-label")]);
  const show = () => {
    const measure = data.measures[Number(choose.value)], chosen = choose.options[choose.selectedIndex].textContent;
    for (const [svg, title] of titles) svg.setAttribute("aria-label", `${title}: ${chosen}`);
    document.getElementById("reading").textContent = measure.reading;
    forest(measure, measure.rows);
    funnel(measure, measure.rows);
    ranks(measure.rows);
  };
  choose.addEventListener("change", () => { show(); location.replace(`#${choose.value}`); });
  const wanted = Number(location.hash.slice(1)); // a link can name the balance
  if (location.hash.length > 1 && data.measures[wanted]) choose.value = String(wanted);
  show();
})();
