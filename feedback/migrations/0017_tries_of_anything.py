from django.db import migrations


class Migration(migrations.Migration):
    """They are counted for the opinion book as well as for receipts."""

    dependencies = [("feedback", "0016_draw_takes_nothing_more")]

    operations = [
        migrations.RenameModel("ReceiptTries", "Tries"),
        migrations.AlterModelOptions(
            "tries",
            {
                "verbose_name": "tries without an account",
                "verbose_name_plural": "tries without an account",
            },
        ),
        migrations.RenameIndex("tries", old_name="receipt_tries_until", new_name="tries_until"),
    ]
