"use strict";

// Asks /api and shows the answers. Text from a store becomes text nodes only, never markup.

const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
let checkpoints = [];
let running = null;       // AbortController of the question on the screen
let asked = null;         // its word, once there are answers
let timer = null;

function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (key === "onclick") made.addEventListener("click", value);
        else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
}

async function ask(path, parameters, signal) {
    const query = new URLSearchParams(parameters);
    const response = await fetch(`${path}?${query}`, { signal });
    const answer = await response.json();
    return answer;
}

const names = typeof Intl.DisplayNames === "function" ? new Intl.DisplayNames(["en"], { type: "language", fallback: "none" }) : null;
function languageName(code) {
    let name;
    try { name = names && names.of(code); } catch { name = null; }
    return name ? `${name} (${code})` : code;
}

// The code as a page's lang attribute wants it ("deu" is "de"); nothing where a file's name is no code.
function languageTag(code) {
    try { return { lang: Intl.getCanonicalLocales(code)[0] }; } catch { return {}; }
}

const chosen = () => checkpoints.filter((one) => {
    const box = document.querySelector(`#checkpoints input[value="${CSS.escape(one.name)}"]`);
    return !box || box.checked;
});
const languages = () => [...new Set(chosen().flatMap((one) => one.words.map((words) => words.language)))].sort();
const score = (value) => value.toFixed(4);

function wordButton(word, language) {
    return element("button", {
        type: "button", class: "word", ...languageTag(language),
        onclick: () => { $("word").value = word; $("from").value = language; find(true); $("word").focus(); },
    }, word);
}

async function start() {
    let store;
    try { store = await ask("/api/store", []); } catch (error) { store = { error: String(error) }; }
    if (store.error) { $("store").textContent = store.error; return; }
    checkpoints = store.checkpoints;
    const all = languages();
    const layers = [...new Set(checkpoints.flatMap((one) => one.words.flatMap((words) => words.layers)))].sort((a, b) => a - b);
    $("store").textContent = `${checkpoints.length} checkpoint${checkpoints.length === 1 ? "" : "s"}, words of ${all.length} languages`;
    for (const id of ["from", "gold-language"]) {
        for (const code of all) $(id).append(element("option", { value: code }, languageName(code)));
    }
    for (const layer of layers) $("layer").append(element("option", { value: layer }, `layer ${layer}`));
    if (checkpoints.length > 1) {
        for (const one of checkpoints) {
            const box = element("input", { type: "checkbox", value: one.name });
            box.checked = true;
            box.addEventListener("change", () => find(true));
            $("checkpoints").append(element("label", {}, box, one.name));
        }
        $("checkpoints").hidden = false;
    }
    $("sentences").hidden = !checkpoints.some((one) => one.sentences.length > 0);
    const address = new URLSearchParams(location.search);
    if (address.get("from")) $("from").value = address.get("from");
    if (address.get("word")) { $("word").value = address.get("word"); find(true); }
}

function parameters(word, encodes) {
    const list = [["word", word], ["layer", $("layer").value], ["scoring", $("scoring").value], ["top", "5"], ["encode", encodes]];
    if ($("from").value) list.push(["from", $("from").value]);
    for (const one of chosen()) list.push(["checkpoint", one.name]);
    return list;
}

// As one types, only stored words are looked up: a model is asked for what was meant to be asked.
async function find(encodes) {
    clearTimeout(timer);
    if (running) running.abort();
    running = new AbortController();
    const { signal } = running;
    const word = $("word").value.trim();
    $("detail").hidden = true;
    $("explanation").hidden = true;
    $("explanation-status").textContent = "";
    $("explanation-answers").replaceChildren();
    asked = null;
    if (!word || chosen().length === 0) {
        $("answers").replaceChildren();
        $("status").textContent = "";
        return;
    }
    history.replaceState(null, "", "/?" + new URLSearchParams({ word, from: $("from").value }));
    const targets = languages();
    const cards = targets.map(() => null);
    let failures = [];
    $("status").textContent = "Looking …";
    await Promise.all(targets.map(async (language, place) => {
        try {
            const answer = await ask("/api/translate", [...parameters(word, encodes), ["to", language]], signal);
            if (signal.aborted) return;
            if (answer.error) { failures.push(answer.error); return; }
            cards[place] = card(word, language, answer.answers);
            $("answers").replaceChildren(...cards.filter(Boolean));
        } catch (error) {
            if (!signal.aborted) failures.push(String(error));
        }
    }));
    if (signal.aborted) return;
    $("answers").replaceChildren(...cards.filter(Boolean));
    const found = cards.filter(Boolean).length;
    if (found > 0) {
        asked = word;
        $("explanation").hidden = false;
        $("status").textContent = `${word}: nearest words of ${found} language${found === 1 ? "" : "s"}`
            + (failures.length ? `; ${failures.length} without: ${failures[0]}` : "");
    } else {
        $("status").textContent = encodes ? failures[0] : `'${word}' is in no stored vocabulary; Enter encodes it with the model.`;
    }
}

function card(word, language, answers) {
    const usable = answers.filter((one) => !one.error);
    const failed = answers.filter((one) => one.error);
    const rows = Math.max(0, ...usable.map((one) => one.results.length));
    const head = element("tr", {}, element("th", { scope: "col" }, "rank"));
    for (const one of usable) head.append(element("th", { scope: "col" }, `${one.checkpoint} · layer ${one.layer}`));
    const body = element("tbody");
    for (let rank = 0; rank < rows; rank += 1) {
        const row = element("tr", {}, element("td", {}, String(rank + 1)));
        for (const one of usable) {
            const result = one.results[rank];
            row.append(result ? element("td", {}, wordButton(result.word, language), element("span", { class: "score" }, score(result.score)), whyButton(word, result.word, language)) : element("td"));
        }
        body.append(row);
    }
    const made = element("article", { "aria-label": languageName(language) },
        element("header", {}, element("h2", {}, languageName(language)),
            element("button", { type: "button", "aria-label": `Layers and map of ${languageName(language)}`, onclick: () => detail(word, language) }, "Layers and map")));
    const caption = element("caption", {});
    const first = usable[0];
    if (first) {
        caption.textContent = first.from ? `from ${languageName(first.from)}${first.from_guessed ? ", as found" : ""}` : "language unknown";
        if (!first.stored) caption.textContent += ", encoded now";
    }
    made.append(element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": `Nearest in ${languageName(language)}` },
        element("table", {}, caption, element("thead", {}, head), body)));
    for (const one of usable.slice(0, 1)) {
        if (one.identical.length) made.append(element("p", { class: "quiet" }, `spelled alike, set apart: ${one.identical.map((same) => `${same.word} (${score(same.score)})`).join(", ")}`));
        if (one.foreign.length) made.append(element("p", { class: "quiet" }, `words of another language, left out: ${one.foreign.map((other) => `${other.word} (${languageName(other.language)}, ${score(other.score)})`).join(", ")}`));
    }
    for (const one of failed) made.append(element("p", { class: "quiet" }, `${one.checkpoint}: ${one.error}`));
    return made;
}

async function detail(word, language) {
    const { signal } = running;
    $("detail-title").textContent = `${word} in ${languageName(language)}: layers and map`;
    $("path").replaceChildren();
    $("maps").replaceChildren();
    $("detail").hidden = false;
    $("detail-title").focus();
    $("detail-title").scrollIntoView();
    const common = parameters(word, true).filter(([name]) => !["layer", "top", "encode"].includes(name));
    try {
        const answer = await ask("/api/translate", [...common, ["to", language], ["layer", "all"], ["top", "3"]], signal);
        if (signal.aborted) return;
        $("path").replaceChildren(answer.error ? element("p", {}, answer.error) : path(language, answer.answers.filter((one) => !one.error)));
        for (const one of chosen()) {
            const ownParameters = common.filter(([name]) => name !== "checkpoint");
            const map = await ask("/api/map", [...ownParameters, ["checkpoint", one.name], ["to", language], ["layer", $("layer").value], ["top", "20"]], signal);
            if (signal.aborted) return;
            $("maps").append(map.error ? element("p", {}, `${one.name}: ${map.error}`) : figure(map));
        }
    } catch (error) {
        if (!signal.aborted) $("path").replaceChildren(element("p", {}, String(error)));
    }
}

function path(language, answers) {
    const own = [...new Set(answers.map((one) => one.checkpoint))];
    const layers = [...new Set(answers.map((one) => one.layer))].sort((a, b) => a - b);
    const head = element("tr", {}, element("th", { scope: "col" }, "layer"), ...own.map((name) => element("th", { scope: "col" }, name)));
    const body = element("tbody", {}, ...layers.map((layer) => element("tr", {}, element("th", { scope: "row" }, String(layer)),
        ...own.map((name) => {
            const answer = answers.find((one) => one.checkpoint === name && one.layer === layer);
            const cell = element("td");
            for (const result of answer ? answer.results : []) {
                cell.append(wordButton(result.word, language), element("span", { class: "score" }, score(result.score)), " ");
            }
            return cell;
        }))));
    return element("table", {}, element("caption", {}, "the three nearest words at each layer"), element("thead", {}, head), body);
}

function whyButton(word, gold, language) {
    return element("button", {
        type: "button", class: "why", "aria-label": `why ${gold} stands here`,
        onclick: () => { $("gold").value = gold; $("gold-language").value = language; explain(word, gold, language); },
    }, "why");
}

async function explain(word, gold, language) {
    const { signal } = running;
    $("explanation-answers").replaceChildren();
    $("explanation-status").textContent = "Looking …";
    $("explanation").hidden = false;
    $("explanation-title").focus();
    $("explanation-title").scrollIntoView();
    const common = parameters(word, true).filter(([name]) => !["layer", "scoring", "top", "encode"].includes(name));
    let answer;
    try {
        answer = await ask("/api/explain", [...common, ["to", language], ["gold", gold], ["top", "5"]], signal);
    } catch (error) { answer = { error: String(error) }; }
    if (signal.aborted) return;
    if (answer.error) { $("explanation-status").textContent = answer.error; return; }
    $("explanation-status").textContent = `${word} → ${gold} in ${languageName(language)}`;
    $("explanation-answers").replaceChildren(...answer.answers.map((one) => explanation(one, language)));
}

const count = (value) => value.toLocaleString("en");

function explanation(one, language) {
    const made = element("div", { class: "explanation" }, element("h3", {}, one.checkpoint));
    if (one.error) { made.append(element("p", {}, one.error)); return made; }
    const frequency = (matched, rank) => rank === null ? "not stored" : `${matched}, frequency rank ${count(rank)}`;
    const from = one.from ? `${languageName(one.from)}${one.from_guessed ? ", as found" : ""}` : "language unknown";
    made.append(
        element("p", {}, `${one.query}: ${from}; ${frequency(one.matched, one.frequency_rank)}${one.encoded_with ? ", encoded now" : ""}`),
        element("p", {}, `${one.gold}: ${languageName(one.to || language)}; ${frequency(one.gold_matched, one.gold_frequency_rank)}, among ${count(one.candidates)} candidates`),
        element("p", {}, one.pieces ? `pieces: ${one.query} = ${one.pieces.join(" ")}; ${one.gold} = ${one.gold_pieces.join(" ")}` : `pieces: not known: ${one.pieces_unknown}`));
    const rows = one.constraints && one.constraints.map((table) =>
        `${one.query} in ${count(table.query_rows)}, ${one.gold} in ${count(table.gold_rows)}, both in ${count(table.both_rows)} of ${count(table.rows)} rows of ${table.path}`);
    made.append(element("p", {}, rows ? `constraints: ${rows.join("; ")}` : `constraints: not known: ${one.constraints_unknown}`));
    made.append(element("p", {}, one.hubs ? `hubs: how many of ${count(one.hubs.queries)} words in ${languageName(one.from)} have a word among their ${one.hubs.k} nearest of ${count(one.hubs.candidates)} stands behind it`
        : `hubs: not known: ${one.hubs_unknown}`));
    const neighbours = (value) => value === null || value === undefined ? "" : ` (${count(value)})`;
    const words = (list, more) => list.map((each) => each.word + neighbours(each.occurrences)).join(", ") + (more > 0 ? ` and ${count(more)} more` : "");
    const head = element("tr", {}, ...["layer", "rank", "cosine", ...(one.hubs ? ["neighbour of"] : []), one.gold_matched === null ? "first words" : "before it", "nearest in its own language"]
        .map((title) => element("th", { scope: "col" }, title)));
    const body = element("tbody", {}, ...one.layers.map((layer) => element("tr", {},
        element("th", { scope: "row" }, String(layer.layer)),
        element("td", {}, layer.rank === null ? "–" : count(layer.rank)),
        element("td", {}, layer.score === null ? "–" : score(layer.score)),
        ...(one.hubs ? [element("td", {}, layer.gold_occurrences === null ? "–" : count(layer.gold_occurrences))] : []),
        element("td", { class: "words", ...languageTag(one.to || language) }, words(layer.before, layer.rank === null ? 0 : layer.rank - 1 - layer.before.length)),
        element("td", { class: "words", ...(one.from ? languageTag(one.from) : {}) }, words(layer.own_language, 0)))));
    made.append(element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": `Rank at each layer, ${one.checkpoint}` },
        element("table", {}, element("caption", {}, "rank as query bli ranks it, at each layer"), element("thead", {}, head), body)));
    return made;
}

function shape(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
}

function figure(map) {
    const { translation } = map;
    const [width, height, margin] = [600, 420, 30];
    const points = [{ ...map.query, text: translation.query, query: true }, ...map.results.map((point, index) => ({ ...point, text: translation.results[index].word }))];
    const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
    const scale = (values, low, high) => {
        const [least, most] = [Math.min(...values), Math.max(...values)];
        return (value) => most > least ? low + (value - least) / (most - least) * (high - low) : (low + high) / 2;
    };
    const [x, y] = [scale(xs, margin, width - margin), scale(ys, height - margin, margin)];
    const drawing = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Map of ${points.length} words: ${points.map((point) => point.text).join(", ")}` });
    const taken = [];
    for (const point of points) {
        const [px, py] = [x(point.x), y(point.y)];
        drawing.append(shape("circle", { cx: px, cy: py, r: point.query ? 6 : 4, ...(point.query ? { class: "query" } : {}) }));
        // To the side where there is room, and lower where a word stands already.
        const right = px < width / 2;
        const extent = point.text.length * 7.5;
        const left = right ? px + 8 : px - 8 - extent;
        let baseline = py + 4;
        while (taken.some((one) => Math.abs(one.baseline - baseline) < 13 && left < one.left + one.extent && one.left < left + extent) && baseline < height - 4) baseline += 13;
        taken.push({ left, extent, baseline });
        drawing.append(shape("text", { x: right ? px + 8 : px - 8, y: baseline, "text-anchor": right ? "start" : "end", ...(point.query ? { class: "query" } : {}) }, point.text));
    }
    const share = (value) => `${(100 * value).toFixed(0)} %`;
    return element("figure", {}, drawing, element("figcaption", {}, `${translation.checkpoint}, layer ${translation.layer}: first two principal components, ${share(map.shares[0])} and ${share(map.shares[1])} of the variance`));
}

async function findSentences() {
    const text = $("sentence").value.trim();
    if (!text) return;
    $("sentence-status").textContent = "Looking …";
    const own = chosen().filter((one) => one.sentences.length > 0).map((one) => ["checkpoint", one.name]);
    let answer;
    try { answer = await ask("/api/sentences", [["text", text], ["top", "5"], ...own]); } catch (error) { answer = { error: String(error) }; }
    $("sentence-answers").replaceChildren();
    $("sentence-status").textContent = answer.error || "";
    if (answer.error) return;
    for (const one of answer.answers) {
        for (const set of one.sets) {
            const title = `${one.checkpoint} · ${set.set} · ${languageName(set.language)} · layer ${set.layer}`;
            $("sentence-answers").append(element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": title }, element("table", {}, element("caption", {}, title),
                element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "score"), element("th", { scope: "col" }, "sentence"))),
                element("tbody", {}, ...set.results.map((result) => element("tr", {}, element("td", {}, score(result.score)), element("td", languageTag(set.language), result.text)))))));
        }
    }
    $("sentence-status").textContent = `${answer.answers.reduce((sum, one) => sum + one.sets.length, 0)} lists of sentences`;
}

$("word-form").addEventListener("submit", (event) => { event.preventDefault(); find(true); });
$("word").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => find(false), 150); });
for (const id of ["from", "layer", "scoring"]) $(id).addEventListener("change", () => find(true));
$("explanation-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const gold = $("gold").value.trim();
    if (asked !== null && gold) explain(asked, gold, $("gold-language").value);
});
$("sentence-form").addEventListener("submit", (event) => { event.preventDefault(); findSentences(); });
start();
