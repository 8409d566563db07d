() => {
  if (window.showMark) return;  // Gradio may run this again
  // A document is shown as its pages or as its text; a search marks what it finds in both, and the arrows go from one mark to the next.
  const MOST = 500;
  const state = new WeakMap();  // reader → {at, words, ranges, asked}
  const of = (reader) => {
    if (!state.has(reader)) state.set(reader, {at: -1, words: '', ranges: [], asked: 0});
    return state.get(reader);
  };
  const root = () => new URL(window.gradio_config?.root ?? '/', location.href).pathname.replace(/\/$/, '');
  const address = (reader, what, more = {}) => {
    const {source, place, version, start, end} = reader.dataset;
    const known = what === 'sheets' && start ? {start, end} : {};
    return `${root()}/papers/${what}?${new URLSearchParams({place, source, version, ...known, ...more})}`;
  };
  const isPaged = (reader) => reader.querySelector('.sheets:not([hidden])');
  const show = (box, part) => {
    const inner = box.getBoundingClientRect(), at = part.getBoundingClientRect();
    box.scrollTop += at.top - inner.top - box.clientHeight / 3;
    if (at.right > inner.right || at.left < inner.left) box.scrollLeft += at.left - inner.left - box.clientWidth / 3;
  };

  const load = async (reader) => {
    const mine = of(reader), sheets = reader.querySelector('.sheets'), asked = ++mine.asked;
    sheets.ariaBusy = 'true';
    let html = '', failed = '';
    try {
      const told = await fetch(address(reader, 'sheets', {words: mine.words}));
      if (told.ok) html = await told.text();
      else failed = await told.text();
    } catch (error) {
      failed = String(error);
    }
    if (asked !== mine.asked) return;
    sheets.ariaBusy = null;
    const fresh = document.createElement('div');
    if (failed) fresh.append(Object.assign(document.createElement('p'), {className: 'meta', textContent: failed}));
    else fresh.innerHTML = html;
    const old = sheets.querySelectorAll('.over'), marks = fresh.querySelectorAll('.over');
    if (!failed && old.length && old.length === marks.length) {
      old.forEach((over, number) => over.replaceWith(marks[number]));  // the pictures stay
    } else {
      sheets.replaceChildren(...fresh.childNodes);
      // A page's picture is fetched once the page comes near.
      const near = new IntersectionObserver((entries) => {
        for (const {isIntersecting, target} of entries) {
          if (!isIntersecting) continue;
          target.src = address(reader, 'page', {page: target.dataset.page});
          near.unobserve(target);
        }
      }, {root: sheets, rootMargin: '50%'});
      for (const image of sheets.querySelectorAll('img')) near.observe(image);
    }
  };

  const search = (reader) => {
    const mine = of(reader), box = reader.querySelector('.document');
    mine.ranges = [];
    const words = mine.words.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    if (!words.length) return;
    const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), nodes = [], starts = [];
    let text = '';
    while (walker.nextNode()) {
      nodes.push(walker.currentNode);
      starts.push(text.length);
      text += walker.currentNode.data;
    }
    let node = 0;
    const place = (at, ends) => {
      while (node + 1 < nodes.length && (ends ? starts[node + 1] < at : starts[node + 1] <= at)) node += 1;
      return [nodes[node], at - starts[node]];
    };
    for (const found of text.matchAll(new RegExp(words.join('[\\s|]+'), 'giu'))) {
      const range = new Range();
      range.setStart(...place(found.index, false));
      range.setEnd(...place(found.index + found[0].length, true));
      mine.ranges.push(range);
      if (mine.ranges.length === MOST) break;
    }
  };

  // What the arrows go through: what was found, else the quote, else what is in no chunk of a file that is looked at.
  const targets = (reader) => {
    const mine = of(reader), sheets = isPaged(reader);
    if (mine.words && !sheets) return mine.ranges;
    const parts = sheets ? sheets.querySelectorAll(mine.words ? '.found' : '.quoted') : reader.querySelectorAll('.document mark');
    if (!mine.words && !sheets && !parts.length) return [...reader.querySelectorAll('.preview .clutter')].filter((part) => part.innerText.trim());
    if (!mine.words) return [...parts].slice(0, 1);
    const first = new Map();
    for (const part of parts) if (!first.has(part.dataset.hit)) first.set(part.dataset.hit, part);
    return [...first.values()];
  };
  const paint = (reader) => {
    if (!CSS.highlights) return;
    const mine = of(reader), now = isPaged(reader) ? undefined : mine.ranges[mine.at];
    CSS.highlights.set('found', new Highlight(...mine.ranges));
    CSS.highlights.set('now', new Highlight(...(now ? [now] : [])));
  };
  const go = (reader, step) => {
    const mine = of(reader), them = targets(reader), count = them.length;
    const told = reader.querySelector('[role="status"]');
    told.textContent = '';
    reader.querySelectorAll('.now').forEach((part) => part.classList.remove('now'));
    if (count) {
      mine.at = step ? (mine.at < 0 && step < 0 ? count - 1 : (mine.at + step + count) % count) : Math.min(Math.max(mine.at, 0), count - 1);
      const target = them[mine.at], sheets = isPaged(reader);
      show(sheets || reader.querySelector('.document'), target);
      if (target instanceof Element && sheets) {
        reader.querySelectorAll(`[data-hit="${target.dataset.hit}"]`).forEach((part) => part.classList.add('now'));
      }
    }
    if (mine.words || count > 1) told.textContent = count ? `${mine.at + 1} / ${count}` : '0';
    paint(reader);
  };

  const open = async (reader) => {
    const sheets = isPaged(reader);
    if (sheets?.ariaBusy) return;
    if (sheets && !sheets.childElementCount) await load(reader);
    if (of(reader).words || reader.dataset.start || reader.dataset.show) go(reader, 0);
  };
  // A document that is unfolded shows its mark.
  window.showMark = (source) => {
    const reader = source.open && source.querySelector('.reader');
    if (reader) open(reader);
  };
  let previewing = false;
  window.showPreview = () => {
    const reader = document.querySelector('#preview .reader');
    if (!reader || !previewing) return;
    previewing = false;
    document.querySelector('#files-right').classList.remove('closed');
    document.querySelector('#preview h2').focus({preventScroll: true});
    open(reader);
  };
  const view = (reader, name) => {
    reader.querySelector('.sheets').hidden = name !== 'pages';
    reader.querySelector('.words').hidden = name === 'pages';
    for (const button of reader.querySelectorAll('[data-view]')) button.ariaPressed = String(button.dataset.view === name);
    of(reader).at = -1;
    open(reader);
  };
  const find = async (reader, words) => {
    const mine = of(reader);
    Object.assign(mine, {words: words.trim(), at: -1});
    search(reader);
    if (reader.querySelector('.sheets')?.childElementCount) await load(reader);
    go(reader, 0);
  };

  let typing = 0;
  document.addEventListener('input', (event) => {
    const reader = event.target.closest?.('.reader');
    if (!reader || event.target.type !== 'search') return;
    clearTimeout(typing);
    typing = setTimeout(() => find(reader, event.target.value), 250);
  });
  document.addEventListener('keydown', (event) => {
    const reader = event.target.closest?.('.reader');
    if (!reader || event.target.type !== 'search' || event.key !== 'Enter') return;
    event.preventDefault();
    if (of(reader).words !== event.target.value.trim()) {
      clearTimeout(typing);
      find(reader, event.target.value);
    } else go(reader, event.shiftKey ? -1 : 1);
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest('.reader .bar button'), reader = button?.closest('.reader');
    if (!button) return;
    if (button.dataset.view) view(reader, button.dataset.view);
    if (button.dataset.step) go(reader, Number(button.dataset.step));
    if ('original' in button.dataset) {
      const link = Object.assign(document.createElement('a'), {href: address(reader, 'original'), download: ''});
      document.body.append(link);
      link.click();
      link.remove();
    }
  });
  document.addEventListener('click', (event) => {
    previewing ||= Boolean(event.target.closest('#files [data-do="preview"]'));
    if (event.target.closest('#preview [data-close]')) document.querySelector('#files-right').classList.add('closed');
  });
  document.addEventListener('toggle', (event) => event.target.matches('.source') && showMark(event.target), true);
}
