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
  const asked = () => [...document.querySelectorAll('#answer .asked, #earlier .earlier button')].map((e) => e.textContent.split(' — ')[0]);
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
    const head = event.target.closest('[data-sort]'), row = event.target.closest('#each [data-row]');
    if (head) {
      const column = Number(head.dataset.sort);
      Object.assign(each, {column, down: each.column === column && !each.down});
    }
    if (row) each.open = row.dataset.row;
    if (head || row) arrange();
    const button = event.target.closest('[data-do="copy"]');
    if (button) {
      await copy(button.dataset.text);
      button.classList.add('done');
      setTimeout(() => button.classList.remove('done'), 1500);
    }
    if (event.target.closest('[data-theme]')) shade(!document.body.classList.contains('dark'));
  });
  document.addEventListener('selectionchange', () => {
    const now = getSelection(), node = now.anchorNode && now.anchorNode.parentElement;
    const box = node && node.closest('.document');
    if (box && !now.isCollapsed && box.contains(now.focusNode)) {
      window.chosen = {source: box.dataset.source, place: box.dataset.place, text: selected(now.getRangeAt(0))};
    }
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
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), 'value').set.call(box, text);
    box.dispatchEvent(new Event('input', {bubbles: true}));
    event.preventDefault();
  });
}
