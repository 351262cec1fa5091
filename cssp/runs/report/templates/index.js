"use strict";
(() => {
  const table = document.getElementById("cities"), body = table.tBodies[0], rows = [...body.rows];
  const value = (row, place) => {
    const cell = row.cells[place], told = cell.dataset.value;
    if (told === undefined || told === "") { const text = cell.textContent.trim(); return text === "—" ? "" : text; }
    return Number.isNaN(Number(told)) ? told : Number(told);
  };
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const compare = (a, b, down) => {
    if (a === "" || b === "") return (a === "") - (b === ""); // what is not known stands last either way
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    const found = typeof a === "number" ? a - b : order.compare(a, b);
    return down ? -found : found;
  };
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    if ("plain" in head.dataset) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      [...table.tHead.rows[0].cells].forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = rows.map((row, number) => [value(row, place), number, row]);
      keyed.sort((a, b) => compare(a[0], b[0], down) || a[1] - b[1]);
      body.append(...keyed.map((entry) => entry[2]));
    });
  });
  const search = document.getElementById("search"), found = document.getElementById("found");
  document.getElementById("controls").hidden = false;
  const plain = (text) => text.toLocaleLowerCase().replaceAll("ё", "е");
  // numbers of key figures are not searched: "city 1" is not every city with a 1 somewhere
  const texts = rows.map((row) => plain([...row.cells].filter((cell) => typeof value(row, cell.cellIndex) !== "number").map((cell) => cell.textContent).join(" ")));
  const filter = () => {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, number) => { row.hidden = !words.every((word) => texts[number].includes(word)); shown += row.hidden ? 0 : 1; });
    found.textContent = `${shown} / ${rows.length}`;
  };
  search.addEventListener("input", filter);
  filter();
})();
