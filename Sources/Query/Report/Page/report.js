for (const table of document.querySelectorAll("table.sortable")) {
const titles = [...table.tHead.rows[0].cells], body = table.tBodies[0];
titles.forEach((title, column) => {
const button = document.createElement("button");
button.type = "button"; button.append(...title.childNodes); title.append(button);
button.addEventListener("click", () => {
const falling = title.getAttribute("aria-sort") !== "descending";
for (const other of titles) other.removeAttribute("aria-sort");
title.setAttribute("aria-sort", falling ? "descending" : "ascending");
const key = (row) => { const cell = row.cells[column]; return cell.classList.contains("text") ? cell.textContent : cell.dataset.value === undefined ? null : Number(cell.dataset.value); };
const order = (a, b) => a === null ? 1 : b === null ? -1 : (typeof a === "string" ? a.localeCompare(b) : a - b) * (falling ? -1 : 1);
body.append(...[...body.rows].sort((a, b) => order(key(a), key(b))));
}); }); }
