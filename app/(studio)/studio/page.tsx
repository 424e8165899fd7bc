export default function StudioHome() {
  return (
    <main id="main" className="p-6 text-20">
      studio
    </main>
  );
}
