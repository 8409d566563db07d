() => {
  if (window.filterEach) return;  // Gradio may run this again
  // The file's characters in a selection, but for marks at its ends that are not seen.
  const selected = (range) => {
    const nodes = document.createTreeWalker(range.commonAncestorContainer, NodeFilter.SHOW_TEXT), taken = [];
    for (let node = nodes.currentNode; node; node = nodes.nextNode()) {
      if (node.nodeType !== Node.TEXT_NODE || !range.intersectsNode(node)) continue;
      const start = node === range.startContainer ? range.startOffset : 0;
      const text = node.data.slice(start, node === range.endContainer ? range.endOffset : undefined);
      if (text) taken.push([text, node.parentElement.closest('.hidden')]);
    }
    while (taken.length && taken[0][1]) taken.shift();
    while (taken.length && taken[taken.length - 1][1]) taken.pop();
    return taken.map(([text]) => text).join('');
  };
  // The table of every document is sorted and filtered here, again whenever it is drawn.
  const each = {column: -1, down: false, words: '', only: false, open: ''};
  const key = (row) => row.cells[each.column].dataset.key ?? row.cells[each.column].textContent;
  const compared = (a, b) => a - b || a.localeCompare(b, undefined, {numeric: true});
  const arrange = () => {
    const table = document.querySelector('#each table');
    if (!table) {
      each.open = '';
      return;
    }
    const rows = [...table.tBodies[0].rows];
    if (each.column >= 0) {
      rows.sort((a, b) => (each.down ? -1 : 1) * compared(key(a), key(b)));
      table.tBodies[0].append(...rows);
    }
    for (const row of rows) {
      row.hidden = (each.only && !row.classList.contains('answered')) || !row.textContent.toLowerCase().includes(each.words);
      row.ariaCurrent = row.dataset.row === each.open ? 'true' : null;
    }
    [...table.tHead.rows[0].cells].forEach((cell, at) => {
      cell.ariaSort = at !== each.column ? 'none' : each.down ? 'descending' : 'ascending';
    });
    document.querySelector('#each .none').hidden = rows.some((row) => !row.hidden);
  };
  const drawn = new MutationObserver(() => {
    arrange();
    drawn.takeRecords();
  });
  const watch = () => {
    const part = document.querySelector('#each');
    if (part) drawn.observe(part, {childList: true, subtree: true, characterData: true});
    else requestAnimationFrame(watch);
  };
  watch();
  window.filterEach = (words, only) => {
    Object.assign(each, {words: (words ?? '').trim().toLowerCase(), only});
    arrange();
  };
  window.showOpened = () => {
    const head = document.querySelector('#each-evidence h2');
    if (!head) return;
    head.focus({preventScroll: true});
    head.closest('.side').scrollIntoView();
  };
  window.saveFile = ({name, type, text}) => {
    const href = URL.createObjectURL(new Blob([text], {type}));
    Object.assign(document.createElement('a'), {href, download: name}).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  };
  window.chosen = {};
  // The page's address names the conversation and its open answer; the server is told of them with all that is asked of it.
  const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  let fresh = newKey(), known = {c: '', t: 0, w: [], v: '', n: -1}, unseen = [], opening = true, watching = 0, sought = '';
  const named = () => {
    const query = new URLSearchParams(location.search);
    return {c: query.get('c') ?? '', t: Number(query.get('t') ?? 0)};
  };
  window.here = () => ({...named(), fresh, w: unseen, v: known.v});
  const go = ({c, t}, how) => {
    const url = new URL(location);
    for (const [name, value] of Object.entries({c, t})) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    history[how](null, '', url);
  };
  window.asked = (button) => {
    const data = {...button.dataset};
    if (data.sure && !confirm(data.sure)) return null;
    if (data.prompt) {
      data.text = prompt(data.prompt, data.name);
      if (data.text === null) return null;
    }
    return {...data, ...here(), ...(data.do === 'gold' ? window.chosen : {})};
  };
  // The box is emptied as its question is taken, so that what is typed from then on stays.
  const write = (box, text) => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), 'value').set.call(box, text);
    box.dispatchEvent(new Event('input', {bubbles: true}));
  };
  window.takeQuestion = (question) => {
    if (question.trim()) write(document.querySelector('#question :is(input, textarea)'), '');
    return question;
  };
  const wait = () => {
    watching = setTimeout(() => ring({do: 'watch', ...here()}), 120);
  };
  window.drawn = (at) => {
    if (!at) return;
    const now = named(), before = known;
    // What waited before or waits now, and is behind the open answer: a question that was sent meanwhile is among them.
    unseen = [...new Set([...(before.c === at.c ? before.w : []), ...at.w])].filter((number) => number > at.t);
    const wasSoon = known.soon;
    known = at;
    if (wasSoon && !at.soon) ringIndexed(here());
    clearTimeout(watching);
    if (at.w.length || unseen.length || (before.n !== at.n && before.w.length)) wait();
    if (before.n === at.n) return;
    if (at.c === fresh) fresh = newKey();
    if (at.c !== now.c || at.t !== now.t) go(at, opening || (at.c === now.c && !now.t) ? 'replaceState' : 'pushState');
    opening = false;
    if (at.forgotten) location.reload();
    findTalks();
    document.querySelectorAll('.source').forEach(showMark);
    if (at.soon) setTimeout(() => named().c || open(), 1000);
    else if (!at.w.length) ringNext(here());
  };
  const open = () => {
    opening = true;
    ring({do: 'open', ...here()});
  };
  addEventListener('popstate', open);
  // Follow-ups of an answer that is no longer open are not offered.
  window.offered = () => {
    const part = document.querySelector('#ask-next .offered'), {c, t} = named();
    if (part) part.hidden = part.dataset.after !== `${c} ${t}`;
  };
  const findTalks = () => {
    const box = document.querySelector('#talks input[type="search"]');
    if (!box) return;
    if (box.value !== sought) box.value = sought;
    for (const row of document.querySelectorAll('#talks li')) row.hidden = !row.dataset.words.toLowerCase().includes(sought.trim().toLowerCase());
  };
  document.addEventListener('input', (event) => {
    if (!event.target.matches('#talks input[type="search"]')) return;
    sought = event.target.value;
    findTalks();
  });
  const asked = () => [...document.querySelectorAll('#working .asked, #answer .asked, #earlier .earlier button')].map((e) => e.textContent.split(' — ')[0]);
  let recalled = -1;

  const copy = async (text) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = Object.assign(document.createElement('textarea'), {value: text});
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  };
  const shade = (dark) => {
    document.body.classList.toggle('dark', dark);
    localStorage.setItem('shade', dark ? 'dark' : 'light');
  };
  if (localStorage.getItem('shade') && !new URLSearchParams(location.search).has('__theme')) {
    shade(localStorage.getItem('shade') === 'dark');
  }

  document.addEventListener('click', async (event) => {
    const chip = event.target.closest('a[href^="#source-"]'), card = chip && document.querySelector(chip.hash);
    if (card) {
      event.preventDefault();
      const source = card.querySelector('.source');
      if (source) {
        source.open = true;
        showMark(source);
        source.querySelector('.sheets:not([hidden]), .words:not([hidden]) > .document').focus({preventScroll: true});
      }
      card.scrollIntoView({block: 'nearest'});
    }
    const talk = event.target.closest('a[data-talk]');
    if (talk && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      go({c: talk.dataset.talk, t: 0}, 'pushState');
      open();
    }
    const head = event.target.closest('[data-sort]'), row = event.target.closest('#each [data-row]');
    if (head) {
      const column = Number(head.dataset.sort);
      Object.assign(each, {column, down: each.column === column && !each.down});
    }
    if (row) each.open = row.dataset.row;
    if (head || row) arrange();
    const taken = event.target.closest('[data-do="take"]');
    if (taken) take(window.asked(taken));
    const button = event.target.closest('[data-do="copy"]');
    if (button) {
      await copy(button.dataset.text);
      button.classList.add('done');
      setTimeout(() => button.classList.remove('done'), 1500);
    }
    if (event.target.closest('[data-keys]')) document.querySelector('dialog.keys').showModal();
    if (event.target.closest('[data-theme]')) shade(!document.body.classList.contains('dark'));
  });
  document.addEventListener('selectionchange', () => {
    const now = getSelection(), node = now.anchorNode && now.anchorNode.parentElement;
    const box = node && node.closest('.document');
    if (box && !now.isCollapsed && box.contains(now.focusNode)) {
      window.chosen = {source: box.dataset.source, place: box.dataset.place, text: selected(now.getRangeAt(0))};
    }
  });
  // Keys for the whole page, where nothing is being written and nothing scrolls by them.
  const pieces = () => [...document.querySelectorAll('#evidence .card')].filter((card) => card.offsetParent);
  const step = (by) => {
    const cards = pieces(), at = cards.indexOf(document.activeElement.closest?.('#evidence .card'));
    const card = cards[at < 0 ? (by > 0 ? 0 : cards.length - 1) : Math.min(Math.max(at + by, 0), cards.length - 1)];
    if (!card) return false;
    card.tabIndex = -1;
    card.focus({preventScroll: true});
    card.scrollIntoView({block: 'nearest'});
    return true;
  };
  const close = () => {
    const source = document.activeElement.closest?.('#evidence .source[open]') ?? document.querySelector('#evidence .source[open]');
    const preview = document.querySelector('#files-right:not(.closed) [data-close]');
    if (preview?.offsetParent) preview.click();
    else if (source?.offsetParent) {
      source.open = false;
      source.querySelector('summary').focus();
    } else document.activeElement.blur();
  };
  const pressed = (event, target) => {
    if (event.key === '/') {
      document.querySelectorAll('button[role="tab"]')[0].click();
      requestAnimationFrame(() => document.querySelector('#question :is(input, textarea)').focus());
    } else if (event.key === '?') document.querySelector('dialog.keys').showModal();
    else if ((event.key === 'ArrowRight' || event.key === 'ArrowLeft') && !target.closest('[role="tablist"], [type="radio"], .scroll, .document, .sheets')) return step(event.key === 'ArrowRight' ? 1 : -1);
    else return false;
    return true;
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const target = event.target.closest ? event.target : document.body;
    if (event.key === 'Escape') close();
    else if (!target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]') && pressed(event, target)) {
      event.preventDefault();
    }
  });
  document.addEventListener('mouseover', (event) => {
    const label = event.target.closest?.('.checklist label span');
    if (label && !label.title) label.title = label.textContent.trim();  // what is cut can be read in full
  });
  document.addEventListener('keydown', (event) => {
    const box = event.target.closest && event.target.closest('#question :is(input, textarea)');
    if (!box) return;
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') {
      recalled = -1;
      return;
    }
    const questions = asked();
    recalled = Math.min(questions.length - 1, recalled + (event.key === 'ArrowUp' ? 1 : -1));
    if (recalled < -1) recalled = -1;
    const text = recalled < 0 ? '' : questions[recalled];
    write(box, text);
    event.preventDefault();
  });
}
