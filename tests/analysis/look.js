// SPDX-License-Identifier: GPL-2.0
// Looks at the page in each frame from outside, and works its controls; the answer stands in #found.
'use strict'
function shape(frame) {
  const page = frame.document, wide = frame.innerWidth
  const found = { overflow: [], squeezed: [], cut: [], empty: [], names: [], inner: wide, width: page.documentElement.scrollWidth }
  const name = e => e.tagName + ' ' + (e.textContent || '').trim().slice(0, 40)
  found.requests = frame.performance.getEntriesByType('resource').map(r => r.name)
  found.background = frame.getComputedStyle(page.body).backgroundColor
  found.text = page.body.innerText.length
  found.tools = [...page.querySelectorAll('.tools, .filters')].filter(e => e.offsetParent).length
  for (const e of page.body.querySelectorAll('*')) {
    if (e.closest('svg')) continue
    const box = e.getBoundingClientRect()
    if (box.right > wide + 1 || box.left < -1) found.overflow.push(name(e))
    // a letter a line
    if (box.width < 40 && box.height > 200 && e.textContent.trim().length > 20) found.squeezed.push(name(e))
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth) found.overflow.push('inside ' + name(e))
  }
  for (const svg of page.querySelectorAll('svg[data-name]')) {
    const outer = svg.getBoundingClientRect()
    found.names.push(svg.dataset.name)
    if (outer.width < 100 || outer.height < 60 || svg.querySelectorAll('path').length < 5 || !svg.querySelector('text'))
      found.empty.push(svg.dataset.name)
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBoundingClientRect()
      if (box.left < outer.left - 1 || box.right > outer.right + 1 || box.top < outer.top - 1 || box.bottom > outer.bottom + 1)
        found.cut.push(svg.dataset.name + ' ' + text.textContent)
    }
  }
  return found
}

const seen = elements => [...elements].filter(e => e.offsetParent !== null)

// What each control does; each entry is what a test compares.
function controls(frame) {
  const page = frame.document, done = {}
  const choose = (select, value) => {
    select.value = value
    select.dispatchEvent(new frame.Event('change'))
  }
  const theme = page.getElementById('theme')
  done.themes = [1, 2, 3].map(() => {
    theme.click()
    return [theme.textContent, frame.getComputedStyle(page.body).backgroundColor]
  })
  for (const select of page.querySelectorAll('select[data-filter]')) {
    const key = select.dataset.filter, value = select.options[1].value
    const carriers = page.querySelectorAll('[data-' + key + ']'), before = seen(carriers).length
    choose(select, value)
    const shown = seen(carriers)
    done[key] = { before, after: shown.length, value, values: [...new Set(shown.map(e => e.dataset[key]))] }
    choose(select, '')
    done[key].again = seen(carriers).length
  }
  const rows = page.querySelectorAll('tr[data-verdict]')
  for (const key of ['verdict', 'report']) {
    const select = page.getElementById(key), value = select.options[1].value
    choose(select, value)
    const shown = seen(rows)
    done[key] = { rows: rows.length, after: shown.length, value, values: [...new Set(shown.map(e => e.dataset[key]))],
      text: page.getElementById('shown').textContent }
    choose(select, '')
  }
  const table = page.querySelectorAll('table.sorts')[0], button = table.querySelectorAll('th button')[1]
  const column = () => [...table.tBodies[0].rows].map(row => parseFloat(row.cells[1].dataset.value ?? row.cells[1].textContent)).filter(n => !isNaN(n))
  button.click()
  done.up = column()
  button.click()
  done.down = column()
  const point = page.querySelector('svg .tip'), tip = page.getElementById('tip')
  point.querySelector('*:not(title)').dispatchEvent(new frame.PointerEvent('pointermove', { bubbles: true, clientX: 9, clientY: 9 }))
  done.tip = [tip.hidden, tip.textContent, point.querySelector('title').textContent]
  page.body.dispatchEvent(new frame.PointerEvent('pointermove', { bubbles: true }))
  done.tipGone = tip.hidden
  return done
}

onload = () => {
  const answers = [...document.querySelectorAll('iframe')].map(({ contentWindow: frame }) => Object.assign(shape(frame), SCRIPTS ? { controls: controls(frame) } : {}))
  document.getElementById('found').textContent = JSON.stringify(answers)
}
