// One sentence to many: read while it is typed, targets gathered, sent with Enter, undone for half a minute.
// The draft lives in localStorage from the first key on; it goes when the order is sent, or is emptied by hand.
(() => {
  const start = () => {
    const form = document.getElementById("compose");
    if (!form) return;
    const by = (id) => document.getElementById(id);
    const words = JSON.parse(by("cx-words").textContent);
    const text = by("cx-text"), due = by("cx-due"), list = by("cx-targets"), finder = by("cx-find");
    const found = by("cx-found"), said = by("cx-said"), sent = by("cx-sent"), count = by("cx-n");
    const token = form.elements.csrfmiddlewaretoken.value;
    const name = `lantian-draft-${form.dataset.who}`;
    // Whatever is sent twice with one token is one order: the draft keeps it until the order is sent.
    const fresh_token = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const fresh = () => ({ text: "", due: "", category: "", itself: false, targets: {}, refused: [], token: fresh_token(), tried: false });
    const kept = () => { try { return Object.assign(fresh(), JSON.parse(localStorage.getItem(name) || "{}")); } catch { return fresh(); } };
    const heads = { "HX-Request": "true", "X-CSRFToken": token };
    let draft = kept(), named = [], timer = 0, asked = 0, last = null, doubtful = false, sure = false;

    const keep = () => { try { localStorage.setItem(name, JSON.stringify(draft)); } catch { /* a full store loses nothing that is on the page */ } };
    const el = (tag, attributes, ...inside) => {
      const node = document.createElement(tag);
      for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
      node.append(...inside);
      return node;
    };
    const chosen = () => {
      const all = new Map(Object.entries(draft.targets));
      for (const one of named) if (!draft.refused.includes(one.key) && !all.has(one.key)) all.set(one.key, { ...one, auto: true });
      return all;
    };

    // What was there before the script: targets that a list or the map sent along.
    list.querySelectorAll("input[name=target]").forEach((box) => {
      const label = box.closest("label");
      draft.targets[box.value] = { key: box.value, name: label.childNodes[1].textContent.trim(), hint: (label.querySelector("span") || {}).textContent || "" };
    });
    document.querySelectorAll("noscript").forEach((one) => form.contains(one) && one.remove());

    const SHOWN = 40;
    const draw = () => {
      const all = [...chosen().values()];
      count.textContent = all.length ? String(all.length) : "";
      list.replaceChildren(...all.slice(0, SHOWN).map((one) => {
        const away = el("button", { type: "button", "aria-label": `${words.remove} ${one.name}`, "data-away": one.key }, "×");
        return el("li", { class: one.auto ? "chip auto" : "chip", title: one.auto ? words.added : one.hint || "" }, one.name, " ", el("span", { class: "mute xs" }, one.key.startsWith("area:") ? "" : one.hint || ""), away);
      }));
      if (all.length > SHOWN) list.append(el("li", { class: "chip" }, `+${all.length - SHOWN}`));
      form.classList.toggle("open", form.classList.contains("alone") || form.contains(document.activeElement) || Boolean(draft.text) || all.length > 0);
      document.dispatchEvent(new CustomEvent("compose:targets", { detail: new Set(all.map((one) => one.key)) }));
    };
    const add = (many) => {
      for (const one of many) { draft.targets[one.key] = { key: one.key, name: one.name, hint: one.hint || "" }; draft.refused = draft.refused.filter((key) => key !== one.key); }
      keep(); draw();
    };
    const away = (key) => {
      delete draft.targets[key];
      if (named.some((one) => one.key === key)) draft.refused.push(key);
      keep(); draw();
    };
    // Other scripts of the page (the map, lists with boxes) choose through this.
    window.compose = { add, away, toggle: (one) => (chosen().has(one.key) ? away(one.key) : add([one])), has: (key) => chosen().has(key) };

    const show = (data) => {
      named = data.mentioned;
      doubtful = data.doubtful;
      const parts = data.said.map((one) => el("span", { class: one.taken ? "took" : "doubt" }, `「${one.words}」${one.means}`));
      const due_said = draft.due ? "" : `${words.due} ${data.due_words}${data.due_typed ? "" : ` · ${words.usual}`}`;
      said.replaceChildren(...parts, el("span", { class: "soft" }, due_said), ...(data.emergency ? [el("span", { class: "amber" }, words.emergency)] : []));
      form.querySelectorAll("[data-kind]").forEach((chip) => chip.classList.toggle("read", !draft.category && chip.dataset.kind === data.category));
      draw();
    };
    const read = async () => {
      if (!draft.text.trim()) { named = []; said.replaceChildren(); form.querySelectorAll("[data-kind]").forEach((chip) => chip.classList.remove("read")); draw(); return; }
      const mine = (asked += 1);
      const query = new URLSearchParams({ text: draft.text, category: draft.category });
      try {
        const answer = await fetch(`${form.dataset.read}?${query}`);
        if (mine !== asked) return;
        const data = await answer.json();
        if (answer.ok) show(data); else said.textContent = data.why;
      } catch { /* the sentence is sent as it is; the server reads it again */ }
    };
    const soon = () => { clearTimeout(timer); timer = setTimeout(read, 180); };

    text.addEventListener("input", () => { sure = false; draft.text = text.value; keep(); soon(); });
    // Another due time than the one that was sent, perhaps without an answer, is another order.
    const due_at = (value) => { if (draft.tried && value !== draft.due) { draft.token = fresh_token(); draft.tried = false; } due.value = draft.due = value; keep(); soon(); };
    due.addEventListener("change", () => due_at(due.value));
    form.addEventListener("change", (event) => {
      if (event.target.name === "category") { draft.category = event.target.value; keep(); soon(); }
      if (event.target.name === "itself") { draft.itself = event.target.checked; keep(); }
    });
    const fill = () => {
      text.value = draft.text; due.value = draft.due; form.elements.itself.checked = draft.itself;
      for (const radio of form.querySelectorAll("input[name=category]")) radio.checked = radio.value === draft.category;
    };

    // type-ahead
    let options = [], at = 0, looking = 0, listed = "", eager = false;
    const close = () => { looking += 1; eager = false; found.hidden = true; finder.setAttribute("aria-expanded", "false"); };
    const mark = () => [...found.children].forEach((row, i) => row.setAttribute("aria-selected", i === at ? "true" : "false"));
    finder.addEventListener("input", async () => {
      const q = finder.value.trim();
      const mine = (looking += 1);
      eager = false;
      if (!q) return close();
      const answer = await fetch(`${form.dataset.find}?${new URLSearchParams({ q })}`);
      if (mine !== looking || !answer.ok) return;
      options = (await answer.json()).found; at = 0; listed = q;
      if (eager && options.length) return take(0);
      found.replaceChildren(...options.map((one, i) => el("li", { role: "option", "data-i": i }, el("b", {}, one.name), " ", el("span", { class: "mute xs" }, one.hint))));
      if (!options.length) found.replaceChildren(el("li", { class: "mute" }, words.none));
      found.hidden = false; finder.setAttribute("aria-expanded", "true"); mark();
    });
    const take = (i) => { if (options[i]) { add([options[i]]); finder.value = ""; close(); finder.focus(); } };
    finder.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); at = Math.max(0, Math.min(options.length - 1, at + (event.key === "ArrowDown" ? 1 : -1))); mark(); }
      if (event.key === "Enter") { event.preventDefault(); const q = finder.value.trim();
        // What is taken is what was found for the words that stand there now; an answer under way is waited for.
        if (!q) form.requestSubmit(); else if (listed !== q) { finder.dispatchEvent(new Event("input")); eager = true; } else if (!found.hidden) take(at);
      }
      if (event.key === "Backspace" && !finder.value) { const all = [...chosen().keys()]; if (all.length) away(all[all.length - 1]); }
      if (event.key === "Escape" && !found.hidden) { event.stopPropagation(); close(); }
    });
    found.addEventListener("pointerdown", (event) => { const row = event.target.closest("[data-i]"); if (row) { event.preventDefault(); take(Number(row.dataset.i)); } });
    finder.addEventListener("blur", close);

    const match = async () => {
      const box = by("cx-names");
      if (!box.value.trim()) return;
      const answer = await fetch(form.dataset.match, { method: "POST", headers: heads, body: new URLSearchParams({ names: box.value }) });
      if (!answer.ok) return;
      const { lines } = await answer.json();
      add(lines.filter((line) => line.choice).map((line) => line.choice));
      const open = lines.filter((line) => !line.choice);
      box.value = open.map((line) => line.text).join("\n");
      by("cx-unclear").replaceChildren(...open.slice(0, 60).map((line) => el("li", {}, el("b", {}, line.text), ": ", line.choices.length ? words.unclear : words.none, " ",
        ...line.choices.map((one) => { const chip = el("button", { type: "button", class: "chip" }, one.name, " ", el("span", { class: "mute xs" }, one.hint)); chip.addEventListener("click", () => { add([one]); chip.closest("li").remove(); box.value = box.value.split("\n").filter((row) => row !== line.text).join("\n"); }); return chip; }))));
      if (!open.length) by("cx-paste").hidden = !form.classList.contains("alone");
    };
    by("cx-names").addEventListener("paste", () => setTimeout(match, 0));

    const clear = () => { draft = fresh(); named = []; doubtful = sure = false; form.querySelectorAll(".chip.read").forEach((chip) => chip.classList.remove("read")); fill(); said.replaceChildren(); by("cx-names").value = ""; by("cx-unclear").replaceChildren(); by("cx-paste").hidden = !form.classList.contains("alone"); try { localStorage.removeItem(name); } catch { /* nothing kept */ } draw(); };
    const templates = () => { const box = by("cx-templates"); box.hidden = !box.hidden; form.classList.add("open"); const first = box.querySelector("button"); if (!box.hidden && first) first.focus(); };
    form.addEventListener("click", async (event) => {
      const target = event.target.closest("button, a");
      if (!target) return;
      if (target.dataset.away !== undefined) away(target.dataset.away);
      if (target.dataset.due !== undefined) { due_at(target.dataset.due); text.focus(); }
      if (target.dataset.text !== undefined) { draft.text = target.dataset.text; draft.category = target.dataset.category; fill(); keep(); read(); by("cx-templates").hidden = true; text.focus(); }
      if (target.dataset.retire) { const answer = await fetch(form.dataset.keep, { method: "POST", headers: heads, body: new URLSearchParams({ retire: target.dataset.retire }) }); if (answer.ok) target.closest("li").remove(); }
      if (target.dataset.cx === "paste") { by("cx-paste").hidden = !by("cx-paste").hidden; if (!by("cx-paste").hidden) by("cx-names").focus(); }
      if (target.dataset.cx === "match") match();
      if (target.dataset.cx === "clear") { clear(); text.focus(); }
      if (target.dataset.cx === "templates") templates();
      if (target.dataset.cx === "counties") { const answer = await fetch(`${form.dataset.read}?${new URLSearchParams({ text: "各县", category: "" })}`); if (answer.ok) add((await answer.json()).mentioned); }
      if (target.dataset.cx === "keep" && draft.text.trim()) {
        const shown = form.querySelector(".chip.read");
        const answer = await fetch(form.dataset.keep, { method: "POST", headers: heads, body: new URLSearchParams({ text: draft.text, category: draft.category || (shown ? shown.dataset.kind : "") }) });
        if (answer.ok) said.textContent = words.kept;
      }
    });

    const undoing = (section) => {
      const shell = section.querySelector(".cx-undo"), left = section.querySelector("[data-count]");
      if (!shell) return;
      const was = last;
      let seconds = 30;
      const tick = () => { if (seconds <= 0) { shell.remove(); return; } left.textContent = `${seconds} s`; seconds -= 1; setTimeout(tick, 1000); };
      tick();
      shell.addEventListener("submit", async (event) => {
        event.preventDefault();
        const answer = await fetch(shell.getAttribute("action"), { method: "POST", headers: heads, body: new URLSearchParams({ action: "undo" }) });
        if (!answer.ok) return;
        const data = await answer.json();
        section.replaceChildren(el("p", { class: "ph" }, [data.done, ...data.refused].join("; ")));
        if (was && data.all && !draft.text) { draft = { ...was, token: fresh_token(), tried: false }; fill(); keep(); read(); section.firstChild.append(` ${words.undone}`); text.focus(); }
      });
    };
    const post = async (body, button) => {
      button.disabled = true;
      try {
        const answer = await fetch(form.getAttribute("action"), { method: "POST", headers: heads, body });
        const html = await answer.text();
        if (answer.status === 422) { said.replaceChildren(el("b", { class: "red" }, html)); return null; }
        if (!answer.ok) throw new Error(String(answer.status));
        const holder = el("div", {});
        holder.innerHTML = html;
        const section = holder.firstElementChild;
        sent.prepend(section);
        while (sent.children.length > 5) sent.lastElementChild.remove();
        undoing(section);
        return section;
      } catch { said.replaceChildren(el("b", { class: "red" }, words.failed)); return null; } finally { button.disabled = false; }
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const all = [...chosen().keys()];
      if (!text.value.trim()) { text.focus(); return; }
      draft.text = text.value;
      if (!all.length) { await read(); if (!chosen().size) { form.classList.add("open"); said.replaceChildren(el("b", { class: "red" }, words.nobody)); finder.focus(); return; } all.push(...chosen().keys()); }
      // A time that could not be read is never sent along silently: choose one, or Enter once more.
      if (doubtful && !draft.due && !sure) { sure = true; said.prepend(el("b", { class: "red" }, words.doubt)); due.focus(); text.focus(); return; }
      const body = new URLSearchParams({ text: draft.text, category: draft.category, due_at: draft.due, send: "1", targets: all.join("\n"), token: draft.token });
      if (draft.itself) body.set("itself", "1");
      if (sure) body.set("sure", "1");
      last = JSON.parse(JSON.stringify(draft));
      const button = form.querySelector("button[name=send]");
      if (button.disabled) return;
      draft.tried = true; keep();
      if (await post(body, button)) { clear(); text.focus(); }
    });
    sent.addEventListener("submit", async (event) => {
      const again = event.target.closest(".cx-again");
      if (!again) return;
      event.preventDefault();
      const button = again.querySelector("button");
      last = null;
      if (await post(new URLSearchParams([...new FormData(again), ["send", "1"]]), button)) again.closest("li").remove();
    });

    // Keys: "/" opens the line, before the page's own "/" looks for a plant; T offers the templates.
    document.addEventListener("keydown", (event) => {
      if (event.altKey && /^[1-8]$/.test(event.key) && form.contains(event.target)) {
        const chip = form.querySelectorAll("[data-kind] input")[Number(event.key) - 1];
        if (chip) { event.preventDefault(); chip.checked = true; draft.category = chip.value; keep(); read(); }
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (typing(event.target)) return;
      if (event.key === "/") { event.preventDefault(); event.stopImmediatePropagation(); text.focus(); }
      if (event.key === "t") { event.preventDefault(); templates(); }
    }, true);
    form.addEventListener("focusin", draw);
    form.addEventListener("focusout", () => setTimeout(draw, 150));
    const find = document.querySelector(".find input");
    if (find) find.placeholder = find.placeholder.replace(/\s*\/\s*$/, "");

    if (form.dataset.given && text.value) draft.text = text.value;
    fill(); keep(); draw(); read();
    document.dispatchEvent(new Event("compose:ready"));
  };
  document.addEventListener("DOMContentLoaded", start);
})();
