// Runs before the first paint, as its own file because the content policy allows no inline script.
(function () {
  try {
    var theme = localStorage.getItem('mostrador.theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  } catch (e) { /* storage is off: follow the system */ }
})()
