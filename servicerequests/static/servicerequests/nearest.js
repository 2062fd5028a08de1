/* The crew's list by nearness: asks the phone where it is, once, when the button is pressed. Nothing of it is kept. */
const button = document.querySelector("[data-nearest]");
if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const address = new URL(window.location.href);
        address.searchParams.set("lon", coords.longitude.toFixed(5));
        address.searchParams.set("lat", coords.latitude.toFixed(5));
        window.location.assign(address);
      },
      () => {
        button.disabled = false;
      },
      { maximumAge: 60_000, timeout: 10_000 },
    );
  });
}
