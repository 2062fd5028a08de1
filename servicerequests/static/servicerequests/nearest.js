/* The crew's way from where the phone is: asks for the position, once, when the link is followed. Nothing of it is kept.
   Without this script, and where the phone does not tell, the way begins at the crew's depot. */
const link = document.querySelector("[data-nearest]");
if (link && navigator.geolocation) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    link.setAttribute("aria-busy", "true");
    const address = new URL(link.href);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        address.searchParams.set("lon", coords.longitude.toFixed(5));
        address.searchParams.set("lat", coords.latitude.toFixed(5));
        window.location.assign(address);
      },
      () => window.location.assign(address),
      { maximumAge: 60_000, timeout: 10_000 },
    );
  });
}
